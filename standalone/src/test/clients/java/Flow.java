package clients.httpclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import clients.httpclient.api.KeysApi;
import clients.httpclient.api.OAuthApi;
import clients.httpclient.api.QueriesApi;
import clients.httpclient.api.VerificationApi;
import clients.httpclient.model.AuditEntry;
import clients.httpclient.model.Check;
import clients.httpclient.model.CheckedPermissions;
import clients.httpclient.model.Decision;
import clients.httpclient.model.DecisionCode;
import clients.httpclient.model.DescribeKey;
import clients.httpclient.model.Introspection;
import clients.httpclient.model.IssueKey;
import clients.httpclient.model.KeyAnswer;
import clients.httpclient.model.KeyPage;
import clients.httpclient.model.KeyStatus;
import clients.httpclient.model.KeyWithSecret;
import clients.httpclient.model.Owner;
import clients.httpclient.model.OwnerType;
import clients.httpclient.model.RenewKey;
import clients.httpclient.model.RevocationReason;
import clients.httpclient.model.RevokeKey;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The life of a key with a generated client. {@code ClientsIT} compiles it for each client. */
public final class Flow {
  private final KeysApi keys;
  private final QueriesApi queries;
  private final VerificationApi verification;
  private final OAuthApi oauth;

  private Flow(ApiClient client) {
    keys = new KeysApi(client);
    queries = new QueriesApi(client);
    verification = new VerificationApi(client);
    oauth = new OAuthApi(client);
  }

  public static void run(String uri, String credential) throws Exception {
    new Flow(Connection.to(uri, credential)).run();
  }

  private void run() throws Exception {
    KeyWithSecret issued =
        keys.issueKey(
            new IssueKey()
                .name("A client for Java")
                .owner(new Owner().type(OwnerType.APP).id("java-client"))
                .permissions(List.of("read:users"))
                .lifetime("P30D")
                .metadata(Map.of("team", "data")),
            null,
            null,
            null,
            null,
            null);
    String keyId = issued.getKeyId();
    Decision first = checked(issued.getSecret());
    assertThat(first.getCode()).isEqualTo(DecisionCode.VALID);

    KeyAnswer renewed =
        keys.renewKey(keyId, null, null, null, null, null, null, new RenewKey().lifetime("P60D"));
    assertThat(renewed.getExpiresAt()).isGreaterThan(issued.getExpiresAt());
    KeyWithSecret rotated = keys.rotateKey(keyId, null, null, null, null, null, null, null, null);
    assertThat(checked(rotated.getSecret()).getGeneration()).isEqualTo(2);
    KeyAnswer described =
        keys.describeKey(
            keyId, null, null, null, null, null, null, new DescribeKey().name("Renamed"));
    assertThat(described.getMetadata()).containsEntry("team", "data");

    KeyPage page =
        queries.listKeys(
            null, null, null, null, null, null, null, keyId, null, 1, null, null, null, null);
    assertThat(page.getData()).extracting(KeyAnswer::getKeyId).containsExactly(keyId);
    assertThat(introspected(rotated.getSecret()).getClientId()).isEqualTo(keyId);

    var compromised = new RevokeKey().revocationReason(RevocationReason.COMPROMISED);
    assertThat(
            keys.revokeKey(keyId, null, null, null, null, null, null, null, null, compromised)
                .getStatus())
        .isEqualTo(KeyStatus.REVOKED);
    assertThat(introspected(rotated.getSecret()).getActive()).isFalse();
    assertThat(checked(rotated.getSecret()).getCode()).isEqualTo(DecisionCode.REVOKED);
    assertThat(checked("unknown").getKeyId()).isNull();

    AuditEntry last =
        queries
            .listAuditEntries(
                keyId, null, null, null, null, null, null, null, null, null, null, null)
            .getData()
            .getFirst();
    assertThat(last.getData()).containsEntry("revocationReason", "compromised");
    assertThat(last.getPosition()).isGreaterThan(first.getPosition());
    assertThat(queries.readKeyAt(keyId, issued.getCreatedAt(), null, null, null, null).getVersion())
        .isEqualTo(1);
    assertThatThrownBy(() -> keys.suspendKey(keyId, null, null, null, null, null, null, null, null))
        .satisfies(refusal -> assertThat(Connection.statusOf(refusal)).isEqualTo(409));
  }

  private Decision checked(String secret) throws Exception {
    var readsUsers = new CheckedPermissions().anyOf(List.of("read:users"));
    return verification.verify(new Check().key(secret).permissions(readsUsers), null, null, null);
  }

  /** Introspects; only the first field of the form is required. */
  private Introspection introspected(String secret) throws Exception {
    Method introspect =
        Arrays.stream(OAuthApi.class.getMethods())
            .filter(method -> method.getName().equals("introspect"))
            .filter(method -> !Arrays.asList(method.getParameterTypes()).contains(Map.class))
            .findFirst()
            .orElseThrow();
    var fields = new Object[introspect.getParameterCount()];
    fields[0] = secret;
    return (Introspection) introspect.invoke(oauth, fields);
  }
}
