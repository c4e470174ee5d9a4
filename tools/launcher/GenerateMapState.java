import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.logging.LogManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import net.openhft.chronicle.values.ValueModel;

/**
 * Makes at build time the class that Chronicle Map would otherwise generate and compile each time a process opens its first
 * map: that takes more than a second, and needs a compiler on the machine that runs. Chronicle looks for it on the class path
 * first.
 *
 * <p>Argument: the directory for the class.
 */
class GenerateMapState {
    private static final String STATE = "net.openhft.chronicle.hash.VanillaGlobalMutableState";
    private static final String SUFFIX = "$$Native";

    public static void main(final String[] args) throws ReflectiveOperationException, IOException {
        // What Chronicle says of itself when it is loaded is of no use to who builds.
        LogManager.getLogManager().reset();
        final Path classes = Path.of(args[0]);
        final Class<?> state = Class.forName(STATE);
        final Method generator = Class.forName("net.openhft.chronicle.values.Generators")
            .getDeclaredMethod("generateNativeClass", ValueModel.class, String.class);
        generator.setAccessible(true);
        final String source = (String) generator.invoke(null, ValueModel.acquire(state), state.getSimpleName() + SUFFIX);
        compile(source, state.getSimpleName() + SUFFIX + ".java", classes);
    }

    private static void compile(final String source, final String name, final Path classes) throws IOException {
        final Path directory = Files.createTempDirectory("map-state");
        final Path file = Files.writeString(directory.resolve(name), source);
        final JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            final Iterable<? extends JavaFileObject> units = files.getJavaFileObjects(file);
            final List<String> options = List.of("-d", classes.toString(), "-proc:none", "-nowarn",
                "-cp", System.getProperty("java.class.path"));
            if (!compiler.getTask(null, files, null, options, null, units).call()) {
                throw new IllegalStateException("the class that Chronicle Map generates does not compile: " + file);
            }
        }
        Files.delete(file);
        Files.delete(directory);
    }
}
