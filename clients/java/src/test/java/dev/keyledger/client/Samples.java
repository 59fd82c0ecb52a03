package dev.keyledger.client;

/** Bodies in the form of the service's. */
final class Samples {
  static final String KEY_ID = "key_06dj8v2k3f7wd0r9x5m4n6p8qs";
  static final String SECRET = "kl_live_XxDgwt0oJ6AWVGi1kI0LcNmQjrQW53GPcd7aGUe9k7913LZ20";

  private static final String FIELDS =
      """
      "keyId":"key_06dj8v2k3f7wd0r9x5m4n6p8qs","name":"Nightly export","workspace":"default",
      "owner":{"type":"service","id":"billing.export"},"environment":"live","status":"active",
      "permissions":["read:invoices"],"ipAllowList":["203.0.113.0/24"],
      "metadata":{"cost-centre":"4711"},"secretHint":"kl_live_...LZ20","generation":1,
      "secrets":[{"generation":1,"secretHint":"kl_live_...LZ20"}],
      "createdAt":"2027-01-15T09:30:00.123456Z","expiresAt":"2027-04-15T09:30:00.123Z",
      "planned":{"command":"revoke","effectiveAt":"2027-03-01T00:00:00Z",
        "revocationReason":"superseded"},
      "issuedBy":{"type":"root"},"version":1,"aFieldOfANewerVersion":[1]
      """;

  static final String KEY = "{" + FIELDS + "}";
  static final String ISSUED = "{" + FIELDS + ",\"secret\":\"" + SECRET + "\"}";

  private Samples() {}
}
