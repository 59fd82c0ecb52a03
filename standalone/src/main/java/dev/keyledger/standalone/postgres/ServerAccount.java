package dev.keyledger.standalone.postgres;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.keyledger.launch.StartupRefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The account that runs PostgreSQL's programs. PostgreSQL refuses to run as root, so root runs them
 * in a user namespace without privileges, or else as another user.
 *
 * @param prefix the command that drops root's privileges and runs its arguments; empty if there is
 *     nothing to drop
 * @param userId the user who must own PostgreSQL's files; absent if only this process's user can
 *     own them
 */
record ServerAccount(List<String> prefix, OptionalInt userId) {
  private static final int ROOT = 0;
  private static final int NOBODY = 65_534;
  private static final int PROBE_SECONDS_MAX = 10;

  /**
   * The prefix that starts a new session: otherwise the terminal's Ctrl-C would stop PostgreSQL
   * before its clients. Only Linux has the program.
   */
  private static final List<String> OWN_SESSION =
      System.getProperty("os.name").equals("Linux") ? List.of("setsid") : List.of();

  static final ServerAccount OURS = new ServerAccount(List.of(), OptionalInt.empty());
  static final ServerAccount USER_NAMESPACE =
      new ServerAccount(List.of("unshare", "-U"), OptionalInt.of(ROOT));
  static final ServerAccount OTHER_USER =
      new ServerAccount(
          List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups"),
          OptionalInt.of(NOBODY));

  ServerAccount {
    prefix = List.copyOf(prefix);
  }

  /**
   * Returns the first account that works here.
   *
   * @throws StartupRefusedException if this process is root and cannot drop its privileges
   */
  static ServerAccount chosenFor(Path dataDirectory) throws IOException, InterruptedException {
    if (!weAreRoot(dataDirectory)) {
      return OURS;
    }
    if (USER_NAMESPACE.canRun("true")) {
      return USER_NAMESPACE;
    }
    // The directories above the data directory must not be opened for that user.
    if (OTHER_USER.canRun("test", "-x", dataDirectory.resolveSibling("").toString())) {
      return OTHER_USER;
    }
    throw new StartupRefusedException(
        "PostgreSQL does not run as root, and this machine denies both a user namespace (unshare -U)"
            + " and another user (setpriv) access to "
            + dataDirectory
            + ". Run Keyledger as an ordinary user, or set KEYLEDGER_DATABASE_URL.");
  }

  /**
   * Returns whether this process is root, by the owner of a new file: Java does not provide the
   * user id.
   */
  private static boolean weAreRoot(Path dataDirectory) throws IOException {
    if (!dataDirectory.getFileSystem().supportedFileAttributeViews().contains("unix")) {
      return false;
    }
    Path ours = Files.createTempFile(dataDirectory, "owner", "");
    try {
      return Files.getAttribute(ours, "unix:uid").equals(ROOT);
    } finally {
      Files.delete(ours);
    }
  }

  /** Returns a program of PostgreSQL's, with nothing of our environment. */
  ProcessBuilder command(Path program, Object... arguments) {
    List<String> command = new ArrayList<>(OWN_SESSION);
    command.addAll(prefix);
    command.add(program.toString());
    Arrays.stream(arguments).map(Object::toString).forEach(command::add);
    var builder = new ProcessBuilder(command);
    Map<String, String> environment = builder.environment();
    environment.keySet().retainAll(List.of("PATH"));
    environment.put("LC_ALL", "C");
    environment.put("TZ", "UTC");
    return builder;
  }

  /** Lets the account reach a private directory by its path, and no more. */
  void mayEnter(Path directory) throws IOException {
    if (userId.isPresent() && userId.getAsInt() != ROOT) {
      Files.setAttribute(directory, "unix:gid", userId.getAsInt());
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x---"));
    }
  }

  /**
   * Makes the account the owner of a directory and its content. A start in a user namespace may
   * have created files that the next start uses without one.
   */
  void owns(Path directory) throws IOException {
    if (userId.isEmpty() || Files.getAttribute(directory, "unix:uid").equals(userId.getAsInt())) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      // The directory itself last, as a mark that its content is done.
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.setAttribute(file, "unix:gid", userId.getAsInt(), NOFOLLOW_LINKS);
        Files.setAttribute(file, "unix:uid", userId.getAsInt(), NOFOLLOW_LINKS);
      }
    }
  }

  private boolean canRun(String... command) throws InterruptedException {
    List<String> whole = new ArrayList<>(prefix);
    whole.addAll(List.of(command));
    try {
      Process probe =
          new ProcessBuilder(whole)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return probe.waitFor(PROBE_SECONDS_MAX, TimeUnit.SECONDS) && probe.exitValue() == 0;
    } catch (IOException notInstalled) {
      return false;
    }
  }
}
