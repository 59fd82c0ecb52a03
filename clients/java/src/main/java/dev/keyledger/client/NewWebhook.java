package dev.keyledger.client;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A webhook to create. Built by one thread. */
public final class NewWebhook implements Call.Body {
  private final Map<String, Object> fields = new LinkedHashMap<>();

  private NewWebhook() {}

  /** Begins a webhook that receives all events at an {@code https} URL. */
  public static NewWebhook to(String url) {
    return new NewWebhook().with("url", url);
  }

  /** Begins a webhook that receives all events as mail to an address. */
  public static NewWebhook byMailTo(String address) {
    return new NewWebhook().with("kind", "email").with("address", address);
  }

  /** Keeps the events of these types, such as {@code KeyRevoked}. */
  public NewWebhook types(String... types) {
    return with("types", List.of(types));
  }

  /** Keeps the events of the keys of an owner. */
  public NewWebhook owner(Owner owner) {
    return with("owner", owner);
  }

  private NewWebhook with(String name, Object value) {
    fields.put(name, value);
    return this;
  }

  @Override
  public Map<String, ?> fields() {
    return fields;
  }

  @Override
  public String toString() {
    return "NewWebhook" + fields;
  }
}
