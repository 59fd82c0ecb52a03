package dev.keyledger.cli;

import dev.keyledger.cli.Profiles.Profile;
import dev.keyledger.cli.Values.Lifetime;
import dev.keyledger.client.IssuedKey;
import dev.keyledger.client.Keyledger;
import dev.keyledger.client.KeyledgerException;
import dev.keyledger.client.NewKey;
import dev.keyledger.client.Owner;
import dev.keyledger.client.PolicyChange;
import dev.keyledger.client.Secret;
import dev.keyledger.client.Workspaces;
import dev.keyledger.client.Workspaces.Workspace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "init",
    description = {
      "Sets a first policy, issues an operator key, and writes it to a profile.",
      "Needs the root key: in --key-file, KEYLEDGER_KEY, or the data directory of a Keyledger that"
          + " runs here. The root key is not kept."
    })
final class InitCommand implements Callable<Integer> {
  private static final Owner OWNER = Owner.app("keyledger-command-line");
  private static final String WORKSPACE_DEFAULT = "default";
  private static final Duration DEFAULT_LIFETIME = Duration.ofDays(90);
  private static final Duration MAX_LIFETIME = Duration.ofDays(366);

  private final Session session;

  @Option(
      names = "--name",
      paramLabel = "TEXT",
      defaultValue = "Command line",
      description = "Name of the operator key; default: ${DEFAULT-VALUE}")
  private String name = "";

  @Option(
      names = "--permission",
      paramLabel = "TEXT",
      defaultValue = "keyledger:*",
      description = "What the operator key may do; repeatable; default: ${DEFAULT-VALUE}")
  private List<String> permissions = List.of();

  @Option(
      names = "--lifetime",
      paramLabel = "DURATION",
      description = "How long the operator key is valid; default: the policy's")
  private @Nullable Lifetime lifetime;

  @Option(names = "--replace", description = "Replace the profile, if there is one")
  private boolean replace;

  @Mixin private PolicyOptions policy = new PolicyOptions();

  InitCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    String profile = Objects.requireNonNullElse(session.profile(), Profiles.DEFAULT);
    Profiles profiles = session.profiles();
    boolean replaced = profiles.find(profile).isPresent();
    if (replaced && !replace) {
      throw new RefusedException(
          ExitCode.USAGE,
          "There is a profile %s in %s: name another one by --profile, or add --replace."
              .formatted(profile, profiles.file()));
    }
    Target target = withRootKey(Target.of(session.given(), session.surroundings(), null, false));
    Profiles.requireName(profile);
    profiles.write(); // a file that cannot be written is an error before a key is issued

    String workspace = Objects.requireNonNullElse(target.workspace(), WORKSPACE_DEFAULT);
    Keyledger root = session.keyledger(new Target(target.url(), target.credential(), workspace));
    Workspace ready = prepare(root.workspaces(), workspace);
    IssuedKey issued = root.keys().issue(operator());
    profiles.put(profile, new Profile(target.url(), workspace, issued.secret().orElseThrow()));
    if (profiles.find(profiles.current()).isEmpty()) {
      profiles.use(profile);
    }
    profiles.write();
    report(profile, profiles, ready, issued);
    if (replaced) {
      session
          .output()
          .note(
              "The key that was in the profile stays valid until it is revoked: see 'keys list --owner"
                  + " %s'.".formatted(OWNER));
    }
    return ExitCode.DONE.number();
  }

  /**
   * Returns the target with the root key of a Keyledger on this machine, if no credential is given.
   */
  private Target withRootKey(Target target) {
    CliEnvironment surroundings = session.surroundings();
    String data = Objects.requireNonNullElse(surroundings.variable("KEYLEDGER_DATA_DIR"), "data");
    Path file = surroundings.directory().resolve(data).resolve("secrets").resolve("root.key");
    return target.credential() == null && target.isLocal() && Files.isReadable(file)
        ? new Target(target.url(), Secret.of(PrivateFile.read(file).strip()), target.workspace())
        : target;
  }

  private Workspace prepare(Workspaces workspaces, String workspace) {
    PolicyChange first =
        policy.areGiven()
            ? policy.change()
            : PolicyChange.none().defaultLifetime(DEFAULT_LIFETIME).maxLifetime(MAX_LIFETIME);
    Workspace found;
    try {
      found = workspaces.get(workspace);
    } catch (KeyledgerException.NotFound _) {
      return workspaces.open(workspace, first);
    }
    return policy.areGiven() || found.version() == 0
        ? workspaces.changePolicy(workspace, first)
        : found;
  }

  private NewKey operator() {
    NewKey key = NewKey.of(name, OWNER).permissions(permissions.toArray(String[]::new));
    if (lifetime == null) {
      return key;
    }
    Duration duration = lifetime.duration();
    return duration == null ? key.neverExpires() : key.lifetime(duration);
  }

  private void report(String profile, Profiles profiles, Workspace workspace, IssuedKey issued) {
    Output output = session.output();
    if (output.json()) {
      var fields = new LinkedHashMap<String, Object>();
      fields.put("profile", profile);
      fields.put("file", profiles.file().toString());
      fields.put("workspace", workspace);
      fields.put("key", Views.json(issued.key()));
      output.line(Json.write(fields));
      return;
    }
    output.one(workspace, Views.WORKSPACE);
    output.line("");
    output.one(issued.key(), Views.KEY);
    output.line("");
    output.line("Its secret is in the profile %s, %s".formatted(profile, profiles.file()));
    output.line("Issue a first key:");
    output.line(
        "  keyledger keys issue Billing --owner app:billing --permission read:invoices"
            + (profile.equals(profiles.current()) ? "" : " --profile " + profile));
  }
}
