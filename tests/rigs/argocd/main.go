// Argo CD's own plugin server and its client, as the repo-server is one:
//
//	plugin [-timeout 60s] CONFIG REPOSITORY APPLICATION [NAME=VALUE…]
//
// CONFIG is the directory of a plugin.yaml, APPLICATION a directory within REPOSITORY. What the server answers is printed
// as one JSON object: whether the application is the plugin's, its parameters, its manifests, or the first error.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/argoproj/argo-cd/v3/cmpserver"
	"github.com/argoproj/argo-cd/v3/cmpserver/apiclient"
	"github.com/argoproj/argo-cd/v3/cmpserver/plugin"
	"github.com/argoproj/argo-cd/v3/util/cmp"
)

type answer struct {
	Supported  bool     `json:"supported"`
	Parameters any      `json:"parameters"`
	Manifests  []string `json:"manifests"`
	Error      string   `json:"error,omitempty"`
}

func main() {
	timeout := flag.Duration("timeout", time.Minute, "how long one call may take")
	flag.Parse()
	if flag.NArg() < 3 {
		fmt.Fprintln(os.Stderr, "plugin [-timeout 60s] CONFIG REPOSITORY APPLICATION [NAME=VALUE…]")
		os.Exit(2)
	}
	answer, err := ask(*timeout, flag.Arg(0), flag.Arg(1), flag.Arg(2), flag.Args()[3:])
	if err != nil {
		answer.Error = err.Error()
	}
	if err := json.NewEncoder(os.Stdout).Encode(answer); err != nil {
		os.Exit(1)
	}
}

func ask(timeout time.Duration, config, repository, application string, env []string) (answer, error) {
	var got answer
	client, err := start(config)
	if err != nil {
		return got, err
	}
	send := func(ctx context.Context, stream cmp.StreamSender) error {
		return cmp.SendRepoStream(ctx, application, repository, stream, env, nil)
	}

	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	match, err := client.MatchRepository(ctx)
	if err != nil {
		return got, err
	}
	if err := send(ctx, match); err != nil {
		return got, err
	}
	matched, err := match.CloseAndRecv()
	if err != nil {
		return got, err
	}
	got.Supported = matched.GetIsSupported()

	announce, err := client.GetParametersAnnouncement(ctx)
	if err != nil {
		return got, err
	}
	if err := send(ctx, announce); err != nil {
		return got, err
	}
	announced, err := announce.CloseAndRecv()
	if err != nil {
		return got, err
	}
	got.Parameters = announced.GetParameterAnnouncements()

	generate, err := client.GenerateManifest(ctx)
	if err != nil {
		return got, err
	}
	if err := send(ctx, generate); err != nil {
		return got, err
	}
	generated, err := generate.CloseAndRecv()
	if err != nil {
		return got, err
	}
	got.Manifests = generated.GetManifests()
	return got, nil
}

func start(config string) (apiclient.ConfigManagementPluginServiceClient, error) {
	read, err := plugin.ReadPluginConfig(config)
	if err != nil {
		return nil, err
	}
	server, err := cmpserver.NewServer(plugin.CMPServerInitConstants{PluginConfig: *read})
	if err != nil {
		return nil, err
	}
	go server.Run()
	for {
		if _, err := os.Stat(read.Address()); err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	connection, err := grpc.NewClient("unix://"+read.Address(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, err
	}
	return apiclient.NewConfigManagementPluginServiceClient(connection), nil
}
