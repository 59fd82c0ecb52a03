package dev.keyledger.cli;

import dev.keyledger.client.Feed;
import dev.keyledger.client.KeyledgerException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "feed",
    description = "Prints what happens in the workspace, as it happens; Ctrl-C ends it")
final class FeedCommand implements Callable<Integer> {
  private static final long PAUSE_MILLIS = 1000;

  private final Session session;

  @Option(names = "--type", paramLabel = "TYPE", description = "Such as KeyRevoked; repeatable")
  private @Nullable List<String> types;

  @Option(
      names = "--after",
      paramLabel = "TOKEN",
      description = "Begin after this position, such as the id of an event with --json")
  private @Nullable String after;

  @Option(
      names = "--count",
      paramLabel = "NUMBER",
      defaultValue = "" + Long.MAX_VALUE,
      showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER,
      description = "End after that many events")
  private long count;

  FeedCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    Feed feed = session.keyledger().feed();
    boolean connected = false;
    while (true) {
      try (Stream<Feed.Event> events =
          feed.follow(after, types == null ? new String[0] : types.toArray(String[]::new))) {
        connected = true;
        Iterator<Feed.Event> each = events.iterator();
        while (each.hasNext()) {
          Feed.Event event = each.next();
          print(event);
          after = event.id();
          if (--count <= 0) {
            return ExitCode.DONE.number();
          }
        }
      } catch (KeyledgerException.Unavailable | UncheckedIOException lost) {
        if (!connected) {
          throw lost;
        }
        session.output().note(lost.getMessage() + "; trying again");
      }
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  private void print(Feed.Event event) {
    Output output = session.output();
    output.line(
        output.json()
            ? Json.write(event)
            : "%s  %d  %s  %s"
                .formatted(
                    Output.text(event.time()),
                    event.position(),
                    Output.text(event.type()),
                    Output.text(event.keyId())));
    session.surroundings().out().flush();
  }
}
