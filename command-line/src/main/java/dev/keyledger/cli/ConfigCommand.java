package dev.keyledger.cli;

import dev.keyledger.cli.Output.Column;
import dev.keyledger.cli.Output.View;
import dev.keyledger.cli.Profiles.Profile;
import dev.keyledger.client.Secret;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The profiles of the user. Shows no key. */
@Command(name = "config", description = "Lists, sets, chooses and removes profiles")
final class ConfigCommand {
  private static final View<Shown> SHOWN =
      new View<>(
          List.of(
              new Column<>("PROFILE", Shown::profile),
              new Column<>("USED", shown -> shown.used ? "yes" : null),
              new Column<>("URL", Shown::url),
              new Column<>("WORKSPACE", Shown::workspace),
              new Column<>("KEY", shown -> shown.hasKey ? "yes" : null)),
          List.of(
              new Column<>("profile", Shown::profile),
              new Column<>("url", Shown::url),
              new Column<>("workspace", Shown::workspace),
              new Column<>("has a key", Shown::hasKey)),
          Json::fields);

  private final Session session;

  ConfigCommand(Session session) {
    this.session = session;
  }

  /** A profile, without its key. */
  private record Shown(
      String profile, boolean used, String url, @Nullable String workspace, boolean hasKey) {
    static Shown of(String name, Profiles profiles) {
      Profile profile = profiles.get(name);
      return new Shown(
          name,
          name.equals(profiles.current()),
          profile.url(),
          profile.workspace(),
          profile.key() != null);
    }
  }

  @Command(description = "Lists the profiles, without their keys")
  void list() {
    Profiles profiles = session.profiles();
    session.output().list(profiles.names().stream().map(name -> Shown.of(name, profiles)), SHOWN);
  }

  @Command(description = "Prints the path of the file that holds the profiles")
  void path() {
    String file = Profiles.fileOf(session.surroundings()).toString();
    session.output().line(session.output().json() ? Json.write(file) : file);
  }

  @Command(
      description = {
        "Adds a profile, or changes what is given: --url, --workspace, and with --key-file its key,"
            + " which is copied."
      })
  void set(@Parameters(paramLabel = "NAME", description = "Its name") String name) {
    Profiles profiles = session.profiles();
    Profile old = profiles.find(name).orElse(new Profile(Target.URL_DEFAULT, null, null));
    Target.Given given = session.given();
    String url = Target.plain(Objects.requireNonNullElse(given.url(), old.url()));
    Secret key = given.credential() == null ? old.key() : given.credential();
    if (key != null && given.credential() == null && !url.equals(old.url())) {
      throw new RefusedException(
          ExitCode.USAGE,
          "The key of this profile is for %s: give the one for the other URL by --key-file."
              .formatted(old.url()));
    }
    String workspace = given.workspace() == null ? old.workspace() : given.workspace();
    profiles.put(name, new Profile(url, workspace, key));
    profiles.write();
    session.output().one(Shown.of(name, profiles), SHOWN);
  }

  @Command(description = "Chooses the profile that is used unless another one is named")
  void use(@Parameters(paramLabel = "NAME", description = "Its name") String name) {
    Profiles profiles = session.profiles();
    Shown shown = Shown.of(name, profiles);
    profiles.use(name);
    profiles.write();
    session.output().one(shown, SHOWN);
  }

  @Command(description = "Removes a profile; the key in it stays valid until it is revoked")
  void remove(
      @Parameters(paramLabel = "NAME", description = "Its name") String name,
      @Option(names = "--dry-run", description = "Only show what would be removed")
          boolean dryRun) {
    Profiles profiles = session.profiles();
    Shown shown = Shown.of(name, profiles);
    if (dryRun) {
      session.output().note("Nothing is done. Without --dry-run, this would remove:");
    } else {
      profiles.remove(name);
      profiles.write();
    }
    session.output().one(shown, SHOWN);
  }
}
