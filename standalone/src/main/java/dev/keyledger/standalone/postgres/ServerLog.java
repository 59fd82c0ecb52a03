package dev.keyledger.standalone.postgres;

import dev.keyledger.files.PrivateFiles;
import dev.keyledger.launch.StartupRefusedException;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * The log file of PostgreSQL.
 *
 * @param file the file to append to; once it exceeds {@value #BYTES_MAX} bytes, its content
 *     replaces that of a second file, and it starts empty
 */
record ServerLog(Path file) {
  static final long BYTES_MAX = 8 << 20;
  private static final int TAIL_BYTES_MAX = 4096;
  private static final int TAIL_LINES = 10;

  long size() throws IOException {
    return Files.exists(file) ? Files.size(file) : 0;
  }

  Redirect append() {
    return Redirect.appendTo(file.toFile());
  }

  /** Prepares the file for another run. */
  void prepare() throws IOException {
    bound();
    if (!Files.exists(file)) {
      Files.createFile(file, PrivateFiles.here().file());
    }
  }

  /** Empties the file if it is too large. The server may continue to append to it. */
  void bound() throws IOException {
    if (size() > BYTES_MAX) {
      Files.copy(
          file,
          file.resolveSibling(file.getFileName() + ".1"),
          StandardCopyOption.REPLACE_EXISTING,
          StandardCopyOption.COPY_ATTRIBUTES);
      try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(0);
      }
    }
  }

  /** Returns the refusal, with the last lines written since the log had {@code from} bytes. */
  StartupRefusedException refusal(String what, long from) throws IOException {
    return new StartupRefusedException(
        "%s The end of %s:%n%s".formatted(what, file, tail(from)).strip());
  }

  String tail(long from) throws IOException {
    try (var channel = FileChannel.open(file)) {
      var bytes = ByteBuffer.allocate(TAIL_BYTES_MAX);
      channel.read(bytes, Math.max(from, channel.size() - TAIL_BYTES_MAX));
      var lines = StandardCharsets.UTF_8.decode(bytes.flip()).toString().lines().toList();
      return String.join(
          System.lineSeparator(),
          lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
    }
  }
}
