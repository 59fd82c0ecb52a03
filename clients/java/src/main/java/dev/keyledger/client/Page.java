package dev.keyledger.client;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A part of a list.
 *
 * @param nextCursor the cursor of the next page; null at the end
 */
public record Page<T>(List<T> data, @Nullable String nextCursor) {
  static <T> Page<T> of(Fields fields, Function<Fields, T> reader) {
    return new Page<>(fields.objects("data", reader), fields.optionalText("nextCursor"));
  }

  /** Returns the entries of all pages, each page read when it is needed. */
  static <T> Stream<T> all(Function<@Nullable String, Page<T>> read) {
    return Stream.iterate(
            Optional.of(read.apply(null)),
            Optional::isPresent,
            page -> page.flatMap(Page::following).map(read))
        .flatMap(page -> page.orElseThrow().data.stream());
  }

  private Optional<String> following() {
    return Optional.ofNullable(nextCursor);
  }
}
