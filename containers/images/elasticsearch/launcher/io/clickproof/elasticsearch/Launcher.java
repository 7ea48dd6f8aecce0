package io.clickproof.elasticsearch;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.monitor.jvm.HotThreads;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

/**
 * Runs a node in this JVM. The server's own start class expects the launcher scripts and the entitlement agent, and neither is on
 * Maven Central.
 *
 * <p>Settings come from elasticsearch.yml, over that from environment variables with a dot in their names, over that from arguments
 * {@code -Ekey=value}.
 */
public final class Launcher {
    private static final Pattern SETTING = Pattern.compile("[a-z][a-z0-9_]*(\\.[a-z0-9_]+)+");
    private static final int STOP_SECONDS = 20;

    private Launcher() {}

    public static void main(String[] arguments) throws Exception {
        Path home = Path.of(System.getProperty("es.path.home")).toAbsolutePath();
        Path config = Path.of(System.getProperty("es.path.conf")).toAbsolutePath();
        Map<String, String> settings = settings(arguments);
        settings.put("path.home", home.toString());

        LogConfigurator.registerErrorListener();
        LogConfigurator.configureESLogging();
        Environment environment =
                InternalSettingsPreparer.prepareEnvironment(Settings.EMPTY, settings, config, () -> "node-1");
        LogConfigurator.setNodeName(Node.NODE_NAME_SETTING.get(environment.settings()));
        LogConfigurator.configure(environment, true);
        HotThreads.initializeRuntimeMonitoring();

        PluginsLoader plugins =
                PluginsLoader.createPluginsLoader(
                        PluginsLoader.loadModulesBundles(environment.modulesDir()),
                        PluginsLoader.loadPluginsBundles(environment.pluginsDir()),
                        Map.of());
        Node node = new Node(environment, plugins);
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(node, stopped), "stop"));
        node.start();
        stopped.await();
    }

    private static Map<String, String> settings(String[] arguments) {
        Map<String, String> settings = new HashMap<>();
        System.getenv()
                .forEach(
                        (name, value) -> {
                            // Security, licences and the like are not on Maven Central, so their settings are unknown here.
                            if (SETTING.matcher(name).matches() && !name.startsWith("xpack.")) settings.put(name, value);
                        });
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            if (!argument.startsWith("-E") || equals < 0) {
                throw new IllegalArgumentException("expected -Ekey=value, not " + argument);
            }
            settings.put(argument.substring(2, equals), argument.substring(equals + 1));
        }
        return settings;
    }

    private static void stop(Node node, CountDownLatch stopped) {
        try {
            node.prepareForClose();
            node.close();
            node.awaitClose(STOP_SECONDS, TimeUnit.SECONDS);
        } catch (Exception e) {
            e.printStackTrace();
        } finally {
            stopped.countDown();
        }
    }
}
