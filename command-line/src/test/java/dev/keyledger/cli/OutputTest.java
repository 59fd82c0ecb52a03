package dev.keyledger.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keyledger.cli.Output.Column;
import dev.keyledger.cli.Output.View;
import dev.keyledger.client.DecisionCode;
import dev.keyledger.client.Key;
import dev.keyledger.client.Owner;
import dev.keyledger.client.Secret;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OutputTest {
  private static final View<Thing> VIEW =
      new View<>(
          List.of(new Column<>("NAME", Thing::name), new Column<>("AT", Thing::at)),
          List.of(new Column<>("name", Thing::name), new Column<>("at", Thing::at)),
          Json::fields);

  private final StringWriter out = new StringWriter();

  record Thing(String name, @Nullable Instant at) {}

  @Test
  void columnsAreAligned() {
    print(false)
        .list(
            Stream.of(
                new Thing("a long name", Instant.parse("2027-02-01T12:00:00.9Z")),
                new Thing("b", null)),
            VIEW);
    assertThat(out.toString().lines())
        .containsExactly("NAME         AT", "a long name  2027-02-01T12:00:00Z", "b            -");
  }

  @Test
  void aTableWithoutRowsHasItsTitles() {
    print(false).list(Stream.<Thing>of(), VIEW);
    assertThat(out.toString().lines()).containsExactly("NAME  AT");
  }

  @Test
  void rowsAreAlignedInBlocks() {
    print(false).list(IntStream.range(0, Output.BLOCK).mapToObj(i -> new Thing("x", null)), VIEW);
    assertThat(out.toString().lines()).hasSize(Output.BLOCK + 1);
    out.getBuffer().setLength(0);
    print(false)
        .list(IntStream.range(0, Output.BLOCK + 1).mapToObj(i -> new Thing("x", null)), VIEW);
    assertThat(out.toString().lines()).hasSize(Output.BLOCK + 3);
    assertThat(out.toString().lines().filter(line -> line.startsWith("NAME"))).hasSize(2);
  }

  @Test
  void anAbsentValueHasNoLine() {
    print(false).one(new Thing("a", null), VIEW);
    assertThat(out.toString().lines()).containsExactly("name  a");
  }

  @Test
  void aTextCannotMoveTheCursorOrHide() {
    assertThat(Output.text("a\u001b[2Jb\u202ec\nd\u200be\u2028f"))
        .isEqualTo("a\uFFFD[2Jb\uFFFDc\uFFFDd\uFFFDe\uFFFDf");
    assertThat(Output.text("")).isEqualTo("-");
    assertThat(Json.write("a\u001b\u009b\u202e\u007f\"\\\n"))
        .isEqualTo("\"a\\u001b\\u009b\\u202e\\u007f\\\"\\\\\\u000a\"");
  }

  @Test
  void aListIsAnArrayAsJson() {
    print(true).list(Stream.of(new Thing("a", Instant.EPOCH), new Thing("b", null)), VIEW);
    assertThat(out.toString().lines())
        .containsExactly(
            "[{\"name\":\"a\",\"at\":\"1970-01-01T00:00:00Z\"},", " {\"name\":\"b\"}]");
    out.getBuffer().setLength(0);
    print(true).list(Stream.<Thing>of(), VIEW);
    assertThat(out.toString()).isEqualToIgnoringNewLines("[]");
  }

  @Test
  void valuesAreAsInTheInterface() {
    assertThat(
            Json.write(
                Map.of(
                    "all",
                    List.of(
                        Key.Status.NOT_YET_ACTIVE,
                        DecisionCode.NOT_FOUND,
                        Duration.ofHours(1),
                        Owner.app("x"),
                        true,
                        7L,
                        Optional.of("y"),
                        Map.of(),
                        List.of()))))
        .isEqualTo(
            "{\"all\":[\"not-yet-active\",\"NOT_FOUND\",\"PT1H\",{\"type\":\"app\",\"id\":\"x\"},"
                + "true,7,\"y\",{},[]]}");
    assertThatThrownBy(() -> Json.write(Secret.of("x")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private Output print(boolean json) {
    return new Output(new PrintWriter(out), new PrintWriter(out), json);
  }
}
