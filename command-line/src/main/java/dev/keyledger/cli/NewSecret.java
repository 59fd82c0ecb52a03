package dev.keyledger.cli;

import dev.keyledger.cli.Output.View;
import dev.keyledger.client.Secret;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The destination of a new secret, which is shown only once. */
final class NewSecret {
  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "Write the new secret to this new file, mode 600, not to standard output")
  @Nullable Path output;

  /**
   * Runs a command and prints its result: the secret alone to standard output, and its subject to
   * standard error. A file for the secret is created first, because the secret is not shown again.
   */
  <R, T> void print(
      Session session,
      Supplier<R> command,
      Function<R, T> value,
      Function<R, Optional<Secret>> secretOf,
      View<T> view) {
    Path file =
        output == null
            ? null
            : PrivateFile.create(session.surroundings().directory().resolve(output));
    Optional<Secret> secret = Optional.empty();
    R result;
    try {
      result = command.get();
      secret = secretOf.apply(result);
      if (file != null && secret.isPresent()) {
        PrivateFile.fill(file, secret.get().reveal() + "\n");
      }
    } finally {
      if (file != null && secret.isEmpty()) {
        PrivateFile.delete(file);
      }
    }
    print(session.output(), value.apply(result), secret.orElse(null), file, view);
  }

  private static <T> void print(
      Output output, T value, @Nullable Secret secret, @Nullable Path file, View<T> view) {
    if (output.json()) {
      Map<String, Object> fields = view.json().apply(value);
      if (secret != null && file == null) {
        fields.put("secret", secret.reveal());
      }
      output.line(Json.write(fields));
    } else if (secret == null) {
      output.one(value, view);
    } else {
      output.beside(value, view);
      output.note(
          file == null
              ? "The secret, which is shown only now:"
              : "The secret, which is shown nowhere else, is in " + file);
      if (file == null) {
        output.line(secret.reveal());
      }
    }
  }
}
