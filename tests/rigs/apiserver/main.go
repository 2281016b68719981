// A Kubernetes API server with its etcd in one program: apiserver [-dir DIR] [-- FLAGS OF KUBE-APISERVER…]
//
// Everything stands in DIR, its log too; without one, in a temporary directory that goes with the program. Once the server
// is ready the path of an administrator's kubeconfig is printed. Killed and started again on the same DIR it has the same
// objects, address and tokens. It ends when its standard input does, so that it never outlives whoever started it.
// No controllers run: nothing gets a status, and namespaces stay Terminating.
package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/pflag"
	"go.etcd.io/etcd/server/v3/embed"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
	"k8s.io/kubernetes/cmd/kube-apiserver/app/options"
)

const kubeconfig = `apiVersion: v1
kind: Config
current-context: rig
clusters: [{name: rig, cluster: {server: "https://%s", insecure-skip-tls-verify: true}}]
users: [{name: admin, user: {token: %s}}]
contexts: [{name: rig, context: {cluster: rig, user: admin}}]
`

func main() {
	dir := flag.String("dir", "", "the directory of everything")
	flag.Parse()
	made := *dir == ""
	if made {
		*dir = must(os.MkdirTemp("", "apiserver"))
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		if made {
			_ = os.RemoveAll(*dir)
		}
		os.Exit(0)
	}()
	os.Stderr = must(os.OpenFile(filepath.Join(*dir, "log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600))
	run(*dir, flag.Args())
}

// Runs the server until it fails.
func run(dir string, flags []string) {
	in := func(name string) string { return filepath.Join(dir, name) }
	token := once(in("token"), rand.Text)
	once(in("tokens.csv"), func() string { return token + ",admin,admin,system:masters\n" })
	once(in("sa.key"), func() string {
		key := x509.MarshalPKCS1PrivateKey(must(rsa.GenerateKey(rand.Reader, 2048)))
		return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: key}))
	})
	address := "127.0.0.1:0"
	if last, err := os.ReadFile(in("address")); err == nil {
		address = string(last)
	}
	listener := must(net.Listen("tcp", address))
	address = once(in("address"), listener.Addr().String)
	once(in("kubeconfig"), func() string { return fmt.Sprintf(kubeconfig, address, token) })

	server := options.NewServerRunOptions()
	all := pflag.NewFlagSet("kube-apiserver", pflag.ContinueOnError)
	for _, some := range server.Flags().FlagSets {
		all.AddFlagSet(some)
	}
	own := []string{
		"--etcd-servers=http://" + store(in("etcd")),
		"--bind-address=127.0.0.1",
		"--cert-dir=" + dir,
		"--service-account-issuer=https://rig.invalid",
		"--service-account-key-file=" + in("sa.key"),
		"--service-account-signing-key-file=" + in("sa.key"),
		"--token-auth-file=" + in("tokens.csv"),
		"--authorization-mode=RBAC",
		"--service-cluster-ip-range=10.0.0.0/24",
		// it wants a ServiceAccount for each pod, which a controller would make
		"--disable-admission-plugins=ServiceAccount",
	}
	check(all.Parse(append(own, flags...)))
	server.SecureServing.Listener = listener
	check(server.GenericServerRunOptions.ComponentGlobalsRegistry.Set())
	complete := must(server.Complete(context.Background()))
	check(errors.Join(complete.Validate()...))
	go func() {
		await("https://"+address+"/readyz", token)
		await("https://"+address+"/api/v1/namespaces/default", token)
		fmt.Println(in("kubeconfig"))
	}()
	check(app.Run(context.Background(), complete))
}

// Starts etcd, and gives its address. It may lose what only a loss of power would.
func store(dir string) string {
	config := embed.NewConfig()
	config.Dir, config.LogLevel, config.UnsafeNoFsync = dir, "error", true
	some := []url.URL{{Scheme: "http", Host: "127.0.0.1:0"}}
	config.ListenClientUrls, config.ListenPeerUrls = some, some
	etcd := must(embed.StartEtcd(config))
	<-etcd.Server.ReadyNotify()
	return etcd.Clients[0].Addr().String()
}

// Waits until this is answered with OK.
func await(url, token string) {
	insecure := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	request := must(http.NewRequest(http.MethodGet, url, nil))
	request.Header.Set("Authorization", "Bearer "+token)
	for {
		answer, err := insecure.Do(request)
		if err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// The text of a file, which is made where it is missing.
func once(path string, make func() string) string {
	if text, err := os.ReadFile(path); err == nil {
		return string(text)
	}
	text := make()
	check(os.WriteFile(path, []byte(text), 0o600))
	return text
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
