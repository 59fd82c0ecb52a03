package dev.keyledger.verifylog;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The exports and checkpoints that verify-log proves, and those that it refuses. */
class VerifyLogTest {
  private static final int SIZE = 90;
  private static final TestLog LOG = TestLog.of(SIZE, 18);

  private final List<String> out = new ArrayList<>();
  private final List<String> errors = new ArrayList<>();
  @TempDir Path directory;

  @BeforeEach
  void write() throws Exception {
    file("checkpoint", LOG.note(SIZE));
    file("keys", LOG.verifierKeys());
    export(LOG.export(SIZE));
  }

  @Test
  void aWholeExportIsProven() {
    assertThat(verify("--key", "keys")).isZero();
    assertThat(out)
        .contains(
            "proven: the checkpoint is signed with the Ed25519 key",
            "proven: the checkpoint is signed with the ML-DSA-44 key",
            "proven: the events 1 to 90 are exactly those that the checkpoint of size 90 covers",
            "not shown: the context of the events (reason, ip, userAgent): its salt is not exported",
            "verify-log: proven");
    assertThat(errors).isEmpty();
  }

  @Test
  void asJsonItIsOneObject() throws Exception {
    assertThat(run("--json", "--checkpoint", path("checkpoint"), "--export", path("export")))
        .isZero();
    assertThat(out)
        .singleElement()
        .asString()
        .startsWith("{\"exitCode\":0,\"statements\":{\"proven\":[\"the events 1 to 90 are exactly ")
        .contains("\"notShown\":[\"", "\"notChecked\":[],\"wrong\":[]}}");

    out.clear();
    file("checkpoint", TestLog.of(SIZE, 19).note(SIZE));
    assertThat(run("--checkpoint", path("checkpoint"), "--export", path("export"), "--json"))
        .isEqualTo(1);
    assertThat(out)
        .singleElement()
        .asString()
        .startsWith("{\"exitCode\":1,")
        .contains("\"wrong\":[\"");
    assertThat(errors).isEmpty();

    assertThat(run("--json", "--checkpoint")).isEqualTo(2);
    assertThat(errors)
        .singleElement()
        .asString()
        .startsWith("{\"exitCode\":2,\"message\":\"usage: verify-log ");
  }

  @Test
  void withoutAKeyNoSignatureIsChecked() {
    assertThat(verify()).isZero();
    assertThat(out)
        .contains(
            "not shown: who signed the checkpoints: no signature was checked, there is no --key");
  }

  @Test
  void anExportOfOneWorkspaceIsProvenLineByLine() throws Exception {
    export(LOG.export("acme", SIZE));

    assertThat(verify("--key", "keys")).isZero();
    assertThat(out)
        .anyMatch(line -> line.matches("proven: each of the \\d+ events of the export is in .*"))
        .contains(
            "proven: the checkpoint of the export is the one given",
            "not shown: whether the export has all events of its workspace");
  }

  @Test
  void anExportThatBeginsLaterIsProvenLineByLine() throws Exception {
    List<String> lines = LOG.export("acme", SIZE);
    List<String> later = new ArrayList<>(lines.subList(5, lines.size() - 1));
    later.add(TestLog.trailer(later.size(), LOG.note(SIZE)));
    export(later);

    assertThat(verify()).isZero();
  }

  @Test
  void anExportOfTheWholeLogThatBeginsLaterCannotBeChecked() throws Exception {
    List<String> lines = LOG.export(SIZE);
    List<String> later = new ArrayList<>(lines.subList(5, SIZE));
    later.add(TestLog.trailer(later.size(), LOG.note(SIZE)));
    export(later);

    assertThat(verify()).isEqualTo(2);
    assertThat(errors).singleElement().asString().contains("begins at position 6");
  }

  @Test
  void aWholeExportMayGoOnAfterTheCheckpoint() throws Exception {
    file("checkpoint", LOG.note(50));

    assertThat(verify()).isZero();
    assertThat(out)
        .contains("not shown: events 51 to 90 are after the checkpoint: nothing is proven of them");
    out.clear();
    assertThat(verify("--key", "keys")).isZero();
    assertThat(out)
        .contains(
            "proven: events 51 to 90 follow it, as the signed checkpoint at the end of the export covers them");
  }

  @Test
  void aWholeExportThatEndsBeforeTheCheckpointCannotBeCheckedAgainstIt() throws Exception {
    export(LOG.export(50));

    assertThat(verify("--key", "keys")).isEqualTo(2);
    assertThat(out)
        .contains(
            "not checked: the checkpoint of size 90 that was given: the export ends at event 50");
  }

  @Test
  void aWorkspaceWithAnotherCheckpointNeedsAKey() throws Exception {
    export(LOG.export("acme", 80));

    assertThat(verify()).isEqualTo(2);
    assertThat(verify("--key", "keys")).isZero();
    assertThat(out)
        .contains(
            "not shown: whether the checkpoint of size 80 at the end of the export is consistent with the one given, of size 90");
  }

  @Test
  void thePreviousCheckpointIsExtended() throws Exception {
    file("previous", LOG.note(33));

    assertThat(verify("--previous", "previous", "--key", "keys")).isZero();
    assertThat(out)
        .contains(
            "proven: the previous checkpoint is signed with the ML-DSA-44 key",
            "proven: the checkpoint of size 90 extends the previous one, of size 33");
  }

  @Test
  void aPreviousCheckpointOfAnotherHistoryIsRefused() throws Exception {
    file("previous", LOG.note(TestLog.ORIGIN, 33, LOG.root(32)));

    assertThat(verify("--previous", "previous")).isEqualTo(1);
    assertThat(out).anyMatch(line -> line.contains("does not extend the previous one"));
    out.clear();
    export(LOG.export("acme", SIZE));
    assertThat(verify("--previous", "previous")).isEqualTo(2);
  }

  @Test
  void theSmallestIntervalIsNamed() throws Exception {
    file("previous", LOG.note(33));
    List<String> lines = LOG.export(SIZE);
    TestLog other = TestLog.of(SIZE, 19);
    List<String> forged = new ArrayList<>(lines.subList(0, 40));
    forged.addAll(other.export(SIZE).subList(40, SIZE));
    forged.add(lines.getLast());
    export(forged);

    assertThat(verify("--previous", "previous")).isEqualTo(1);
    assertThat(out)
        .contains(
            "proven: the events 1 to 33 are exactly those that the checkpoint of size 33 covers")
        .anyMatch(line -> line.startsWith("wrong: among the events 34 to 90 at least one is not"));
  }

  @ParameterizedTest
  @CsvSource({
    "acme, '\"subject\":\"', subject",
    "acme, '\"time\":\"2026', time",
    "acme, '\"actor\":{\"type\":\"', data.actor.type",
    "acme, '\"name\":\"', data.data",
    "acme, '\"owner\":{\"type\":\"', data.owner",
    "acme, '\"inclusionproof\":\"', inclusionproof",
    "acme, '\"requestId\":\"', data.requestId",
  })
  void aChangedFieldIsNamed(String workspace, String before, String named) throws Exception {
    List<String> lines = LOG.export(workspace, SIZE);
    int index = 0;
    while (!lines.get(index).contains(before)) {
      index++;
    }
    String line = lines.get(index);
    int at = line.indexOf(before) + before.length();
    lines.set(
        index,
        line.substring(0, at) + (line.charAt(at) == 'b' ? 'c' : 'b') + line.substring(at + 1));
    export(lines);
    int number = index + 1;

    assertThat(verify()).isEqualTo(1);
    assertThat(out)
        .anyMatch(
            said -> said.startsWith("wrong: line %d of the export: %s".formatted(number, named)));
  }

  @Test
  void anOwnerThatAnEarlierLineContradictsIsRefused() throws Exception {
    List<String> lines = LOG.export(SIZE);
    String renewed =
        lines.stream().filter(line -> line.contains("\"KeyRenewed\"")).findFirst().orElseThrow();
    lines.set(lines.indexOf(renewed), renewed.replaceFirst("(\"owner\":.*?\"id\":\")", "$1x"));
    export(lines);

    assertThat(verify()).isEqualTo(1);
    assertThat(out)
        .anyMatch(line -> line.endsWith("data.owner is not the one that an earlier line names"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"specversion\":\"1.0\",|{\"specversion\":\"1.0\",\"time\":\"2020-01-01T00:00:00Z\",",
        "{\"specversion\":\"1.0\",|{\"specversion\":\"1.0\",\"tim\\u0065\":\"2020-01-01T00:00:00Z\",",
        "\"data\":{|\"data\":{\"time\":\"2020-01-01T00:00:00Z\",",
        "\"data\":{|\"data\":{\"t\\u0069me\":\"2020-01-01T00:00:00Z\",",
        "\"position\":7,|\"position\":7.0,",
        "\"position\":7,|\"position\":\"7\",",
        "\"leaf\":\"|\"leaf\":\"\\u0041",
        "\"leaf\":\"|\"leaf\":7,\"x\":\"",
        "\"leaf\":\"|\"x\":\"",
        "\"datacontenttype\"|\"x\":[1,],\"datacontenttype\"",
        "\"datacontenttype\"|\"x\":01,\"datacontenttype\"",
        "\"datacontenttype\"|\"x\":nul,\"datacontenttype\"",
        "\"datacontenttype\"|\n\"datacontenttype\"",
        "\"data\":{|\"data\":{\n",
        "{\"specversion\"|{{\"specversion\"",
        "{\"specversion\"|\ufeff{\"specversion\"",
      })
  void aLineThatAnotherReaderCouldSeeOtherwiseIsRefused(String change) throws Exception {
    String[] parts = change.split("\\|", -1);
    List<String> lines = LOG.export(SIZE);
    String seventh = lines.get(6);
    assertThat(seventh).contains(parts[0]);
    int at =
        parts[0].contains("\"position\"")
            ? seventh.lastIndexOf(parts[0])
            : seventh.indexOf(parts[0]);
    lines.set(6, seventh.substring(0, at) + parts[1] + seventh.substring(at + parts[0].length()));
    export(lines);

    assertThat(verify()).isEqualTo(1);
    assertThat(out).anyMatch(line -> line.startsWith("wrong: line 7 of the export: "));
  }

  @Test
  void whatIsNotKnownIsNotProven() throws Exception {
    List<String> lines = LOG.export(SIZE);
    lines.replaceAll(
        line -> line.replace("\"datacontenttype\"", "\"shiny\":[{}],\"datacontenttype\""));
    export(lines);

    assertThat(verify()).isZero();
    assertThat(out).contains("not shown: attributes that this verifier does not know: shiny");
  }

  @Test
  void aLineWrittenAnewByAnotherProgramIsAccepted() throws Exception {
    List<String> lines = LOG.export(SIZE);
    lines.replaceAll(line -> line.replace("ä", "\\u00e4").replace("é", "\\u00E9"));
    export(lines);

    assertThat(verify("--key", "keys")).isZero();
  }

  @ParameterizedTest
  @CsvSource({", 200", "acme, 200"})
  void everyChangedByteIsRefused(@Nullable String workspace, int changes) throws Exception {
    byte[] whole = text(LOG.export(workspace, SIZE)).getBytes(UTF_8);
    int[] ofTrailer = provenOfTrailer(new String(whole, ISO_8859_1));
    int lines = new String(whole, ISO_8859_1).lastIndexOf('\n', whole.length - 2);
    var random = new Random(3);
    for (int i = 0; i < changes; i++) {
      int at = i % 4 == 0 ? ofTrailer[random.nextInt(ofTrailer.length)] : random.nextInt(lines);
      byte[] changed = whole.clone();
      changed[at] ^= (byte) (1 << random.nextInt(8));
      Files.write(directory.resolve("export"), changed);
      out.clear();

      assertThat(verify("--key", "keys"))
          .as("byte %d, %c -> %c, %s", at, whole[at], changed[at], out)
          .isPositive();
    }
  }

  /**
   * Returns where the bytes of the trailer are that can be compared with something: its type,
   * source and data, but not the names and ids of keys, since signatures of unknown keys are
   * ignored.
   */
  private static int[] provenOfTrailer(String export) {
    var ignored = new BitSet();
    Matcher names = Pattern.compile("\u00e2\u0080\u0094 (.*? .{6})").matcher(export);
    while (names.find()) {
      ignored.set(names.start(1), names.end(1));
    }
    int from = export.lastIndexOf("\"source\"");
    return IntStream.range(from, export.length()).filter(at -> !ignored.get(at)).toArray();
  }

  @Test
  void aMissingOrExchangedLineIsRefused() throws Exception {
    for (String workspace : new String[] {null, "acme"}) {
      List<String> lines = LOG.export(workspace, SIZE);
      List<String> without = new ArrayList<>(lines);
      without.remove(3);
      export(without);
      assertThat(verify()).isEqualTo(1);

      List<String> exchanged = new ArrayList<>(lines);
      exchanged.set(3, lines.get(4));
      exchanged.set(4, lines.get(3));
      export(exchanged);
      assertThat(verify()).isEqualTo(1);

      List<String> doubled = new ArrayList<>(lines);
      doubled.add(3, lines.get(3));
      doubled.set(doubled.size() - 1, TestLog.trailer(lines.size(), LOG.note(SIZE)));
      export(doubled);
      assertThat(verify()).isEqualTo(1);

      export(lines.subList(0, lines.size() - 1));
      assertThat(verify()).isEqualTo(1);
      assertThat(out).anyMatch(line -> line.contains("is not its trailer"));
    }
    List<String> cut = LOG.export(SIZE).subList(0, 60);
    cut.add(TestLog.trailer(60, LOG.note(SIZE)));
    export(cut);
    assertThat(verify("--key", "keys")).isEqualTo(1);
  }

  @Test
  void hostileFilesAreRefusedInOneLine() throws Exception {
    String valid = LOG.export(SIZE).getFirst();
    List<String> hostile =
        List.of(
            "",
            "\n",
            "x",
            "{}\n",
            "[".repeat(100_000) + "\n" + TestLog.trailer(1, LOG.note(SIZE)) + "\n",
            "{\"x\":" + "[".repeat(100_000) + "\n" + TestLog.trailer(1, LOG.note(SIZE)) + "\n",
            "{\"x\":"
                + "{\"x\":".repeat(50)
                + "1"
                + "}".repeat(51)
                + "\n"
                + TestLog.trailer(1, LOG.note(SIZE))
                + "\n",
            valid + "\n" + TestLog.trailer(1, LOG.note(SIZE)),
            valid + "\n\n" + TestLog.trailer(1, LOG.note(SIZE)) + "\n",
            valid + "\n" + "x".repeat(ExportFile.LINE_MAX + 1) + "\n",
            "x".repeat(100 << 20) + "\n" + TestLog.trailer(1, LOG.note(SIZE)) + "\n");
    for (String text : hostile) {
      file("export", text);
      out.clear();

      assertThat(verify()).as(text.substring(0, Math.min(40, text.length()))).isEqualTo(1);
      assertThat(out).anyMatch(line -> line.startsWith("wrong: ") && line.length() < 300);
    }
  }

  @Test
  void aLineMayHaveTheMaximumLength() throws Exception {
    List<String> lines = LOG.export(SIZE);
    String first = lines.getFirst();
    int room = ExportFile.LINE_MAX - first.getBytes(UTF_8).length - 1;
    lines.set(0, first + " ".repeat(room));
    export(lines);
    assertThat(verify()).isZero();

    lines.set(0, first + " ".repeat(room + 1));
    export(lines);
    assertThat(verify()).isEqualTo(1);
    assertThat(out)
        .contains("wrong: a line that ends after byte 1,048,576 is longer than 1,048,576 bytes");
  }

  @Test
  void anEmptyLogIsProven() throws Exception {
    file("checkpoint", LOG.note(0));
    export(LOG.export(0));
    assertThat(verify("--key", "keys")).isZero();

    file("checkpoint", LOG.note(SIZE));
    export(List.of(TestLog.trailer(0, LOG.note(SIZE))));
    assertThat(verify("--key", "keys")).isEqualTo(2);
  }

  @Test
  void anotherLogCannotBeChecked() throws Exception {
    String origin = TestLog.ORIGIN.replaceFirst("/1$", "/2");
    file("checkpoint", LOG.note(origin, SIZE, LOG.root(SIZE)));
    file("other-keys", LOG.verifierKeys(origin));

    assertThat(verify("--key", "other-keys")).isEqualTo(2);
    assertThat(errors).singleElement().asString().startsWith("The export is of another log");
    file("checkpoint", LOG.note(SIZE));
    file("previous", LOG.note(origin, 10, LOG.root(10)));
    assertThat(verify("--previous", "previous")).isEqualTo(2);
  }

  @Test
  void theKeysOfAnotherLogProveNothing() throws Exception {
    file("keys", LOG.verifierKeys(TestLog.ORIGIN + "1"));
    assertThat(verify("--key", "keys")).isEqualTo(1);
    file("keys", TestLog.of(1, 1).verifierKeys());
    assertThat(verify("--key", "keys")).isEqualTo(1);
    assertThat(out).contains("wrong: the checkpoint has no signature by a key of --key");
  }

  @Test
  void oneKeyOfTwoIsEnough() throws Exception {
    for (int line : new int[] {0, 2}) {
      file("keys", LOG.verifierKeys().lines().toList().get(line));
      out.clear();
      assertThat(verify("--key", "keys")).isZero();
      assertThat(out).filteredOn(said -> said.contains(" is signed with the ")).hasSize(2);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aForgedSignatureIsRefusedAlsoBesideAValidOne(int line) throws Exception {
    String note = LOG.note(SIZE);
    String[] signatures = note.substring(note.indexOf('\u2014')).split("\n", -1);
    int at = note.indexOf(signatures[line]) + signatures[line].length() - 20;
    file(
        "checkpoint",
        note.substring(0, at) + (note.charAt(at) == 'A' ? 'B' : 'A') + note.substring(at + 1));

    assertThat(verify("--key", "keys")).isEqualTo(1);
    assertThat(out)
        .contains(
            "wrong: the checkpoint has a signature that is not by the %s key"
                .formatted(line == 0 ? "Ed25519" : "ML-DSA-44"));
  }

  @Test
  void theLargestSizeIsRead() throws Exception {
    file("checkpoint", LOG.note(TestLog.ORIGIN, Checkpoint.SIZE_MAX, LOG.root(1)));
    export(LOG.export("acme", SIZE));
    assertThat(verify("--key", "keys")).isZero();

    file("checkpoint", LOG.note(TestLog.ORIGIN, Checkpoint.SIZE_MAX + 1, LOG.root(1)));
    assertThat(verify()).isEqualTo(2);
    assertThat(errors).last().asString().contains("a size that is not a number from 0 to 2^62");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "keyledger.dev/log|example.com/log",
        "\n90\n|\n090\n",
        "\n90\n|\n-1\n",
        "\n90\n|\n99999999999999999999\n",
        "\n90\n|\n90\nextension\n",
        "\n\n|\n",
        "\n— |\n- ",
        "\n90\n|\n90\r\n",
        "keyledger|\u0000keyledger",
      })
  void anotherNoteIsNoCheckpoint(String change) throws Exception {
    String[] parts = change.split("\\|", -1);
    assertThat(LOG.note(SIZE)).contains(parts[0]);
    file("checkpoint", LOG.note(SIZE).replaceFirst(parts[0], parts[1]));

    assertThat(verify()).isEqualTo(2);
    assertThat(errors).singleElement().asString().startsWith("The file of --checkpoint ");
  }

  @Test
  void filesThatAreNotWhatTheyShouldBeCannotBeChecked() throws Exception {
    file("large", "x".repeat(Checkpoint.BYTES_MAX + 1));
    file("empty", "");
    file("invalid", TestLog.ORIGIN + "+00000000+" + "A".repeat(44));
    for (String name : List.of("large", "empty", "invalid", "export", "nothing", "..")) {
      assertThat(verify("--key", name)).as(name).isEqualTo(2);
      assertThat(verify("--previous", name)).as(name).isEqualTo(2);
    }
    assertThat(run("--checkpoint", path("checkpoint"), "--export", path("nothing"))).isEqualTo(2);
    assertThat(run("--checkpoint", path("checkpoint"), "--export", path(""))).isEqualTo(2);
    assertThat(errors).hasSize(14).allSatisfy(line -> assertThat(line).hasLineCount(1));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "--checkpoint c",
        "--export e",
        "--checkpoint c --export e --database d",
        "--checkpoint c --export",
        "--checkpoint c --checkpoint c --export e",
        "--checkpoint c --export e --more x",
        "c --export e",
      })
  void otherArgumentsPrintTheUsage(String arguments) {
    assertThat(run(arguments.isEmpty() ? new String[0] : arguments.split(" "))).isEqualTo(2);
    assertThat(errors).singleElement().asString().startsWith("usage: verify-log --checkpoint FILE");
    assertThat(out).isEmpty();
  }

  @Test
  void aDatabaseThatIsNotThereCannotBeChecked() {
    String checkpoint = path("checkpoint");
    assertThat(run("--checkpoint", checkpoint, "--database", "postgres://u:secret-7@h/d"))
        .isEqualTo(2);
    assertThat(
            run(
                "--checkpoint",
                checkpoint,
                "--database",
                "jdbc:postgresql://127.0.0.1:1/d?user=u&password=secret-7"))
        .isEqualTo(2);
    assertThat(errors).hasSize(2).allSatisfy(line -> assertThat(line).doesNotContain("secret-7"));
  }

  private int verify(String... more) {
    var arguments =
        new ArrayList<>(List.of("--checkpoint", path("checkpoint"), "--export", path("export")));
    for (int i = 0; i < more.length; i += 2) {
      arguments.addAll(List.of(more[i], path(more[i + 1])));
    }
    return run(arguments.toArray(String[]::new));
  }

  private int run(String... arguments) {
    String[] all = new String[arguments.length + 1];
    Arrays.setAll(all, i -> i == 0 ? "verify-log" : arguments[i - 1]);
    return VerifyLog.run(Map.of(), out::add, errors::add, all);
  }

  private String path(String name) {
    return directory.resolve(name).toString();
  }

  private void file(String name, String text) throws Exception {
    Files.writeString(directory.resolve(name), text);
  }

  private void export(List<String> lines) throws Exception {
    file("export", text(lines));
  }

  private static String text(List<String> lines) {
    return String.join("\n", lines) + "\n";
  }
}
