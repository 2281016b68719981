import java.util.Map;
import java.util.TreeMap;
import org.springframework.boot.SpringApplication;
import org.springframework.cloud.bindings.boot.BindingSpecificEnvironmentPostProcessor;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

/** Prints the properties that Spring Boot has of the bindings below SERVICE_BINDING_ROOT. */
class Read {
    public static void main(String[] arguments) {
        var environment = new StandardEnvironment();
        var settings = Map.<String, Object>of("org.springframework.cloud.bindings.boot.enable", "true");
        environment.getPropertySources().addFirst(new MapPropertySource("settings", settings));
        new BindingSpecificEnvironmentPostProcessor().postProcessEnvironment(environment, new SpringApplication());
        var properties = new TreeMap<String, Object>();
        for (var source : environment.getPropertySources()) {
            if (source instanceof EnumerablePropertySource<?> all && source.getName().contains("inding")) {
                for (var name : all.getPropertyNames()) {
                    properties.put(name, source.getProperty(name));
                }
            }
        }
        properties.forEach((name, value) -> System.out.println(name + "=" + value));
    }
}
