package dev.keyledger.client;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of docs/clients/java.md: they compile, and have the length that the page states. */
class PageTest {
  private static final Pattern EXAMPLE = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  @TempDir private Path classes;

  @Test
  void theExamplesCompile() throws IOException {
    List<String> examples = examples();
    assertThat(examples).hasSize(5);
    assertThat(examples.get(0).lines().filter(line -> !line.equals("}"))).hasSize(3);
    assertThat(examples.get(2).lines()).hasSizeLessThanOrEqualTo(10);
    for (String example : examples) {
      var messages = new StringWriter();
      boolean compiles =
          ToolProvider.getSystemJavaCompiler()
              .getTask(
                  messages,
                  null,
                  null,
                  List.of("-d", classes.toString(), "-cp", System.getProperty("java.class.path")),
                  null,
                  List.of(source(example)))
              .call();
      assertThat(compiles).as(example + messages).isTrue();
    }
  }

  private static List<String> examples() throws IOException {
    Path page = Path.of("../../docs/clients/java.md");
    Matcher matcher = EXAMPLE.matcher(Files.readString(page));
    var examples = new ArrayList<String>();
    while (matcher.find()) {
      examples.add(requireNonNull(matcher.group(1)));
    }
    return examples;
  }

  private static JavaFileObject source(String example) {
    String field = example.startsWith("Keyledger keyledger") ? "" : "Keyledger keyledger;";
    String text =
        """
        import dev.keyledger.client.*;
        import java.time.Duration;
        abstract class Example {
          %s
          String presentedKey;
          abstract void refuse();
          abstract void log(String text);
          abstract void handOver(String keyId, String secret);
          void example() {
            %s
          }
        }
        """
            .formatted(field, example);
    return new SimpleJavaFileObject(
        URI.create("string:///Example.java"), JavaFileObject.Kind.SOURCE) {
      @Override
      public CharSequence getCharContent(boolean ignoreEncodingErrors) {
        return text;
      }
    };
  }
}
