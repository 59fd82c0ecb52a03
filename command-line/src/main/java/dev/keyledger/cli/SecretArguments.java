package dev.keyledger.cli;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Recognises secrets among arguments, which other users of the machine can see and shells record:
 * Keyledger's own secrets, and long random texts.
 */
final class SecretArguments {
  /** Options whose values are long and random, but not secret. */
  private static final Set<String> HARMLESS =
      Set.of("--secret-sha256", "--after", "--idempotency-key");

  private static final Pattern OURS =
      Pattern.compile("([a-z][a-z0-9]{0,15}_(live|test)|klroot|whsec)_[0-9A-Za-z+/=]{20,}");

  /** 32 letters and digits or more, and 32 bytes in base64. */
  private static final Pattern RANDOM =
      Pattern.compile("(?=.*[0-9])([0-9A-Za-z+]{32,}={0,2}|[0-9A-Za-z+/]{43}=)");

  private SecretArguments() {}

  /**
   * Refuses arguments with a secret.
   *
   * @throws RefusedException if there is one
   */
  static void refuse(String... arguments) {
    List<String> all = List.of(arguments);
    for (int i = 0; i < all.size(); i++) {
      String argument = all.get(i);
      int equals = argument.startsWith("--") ? argument.indexOf('=') : -1;
      String option = equals < 0 ? i == 0 ? "" : all.get(i - 1) : argument.substring(0, equals);
      String value = argument.substring(equals + 1);
      if (OURS.matcher(value).find()
          || (RANDOM.matcher(value).matches() && !HARMLESS.contains(option))) {
        throw new RefusedException(
            ExitCode.USAGE,
            ("Argument %d looks like a secret, and was not used: others can see arguments. Give secrets"
                    + " by standard input, in a file (--key-file) or in KEYLEDGER_KEY; rotate this one.")
                .formatted(i + 1));
      }
    }
  }
}
