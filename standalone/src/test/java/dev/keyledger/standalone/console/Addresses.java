package dev.keyledger.standalone.console;

import java.util.LinkedHashMap;
import java.util.Map;

/** The pages of the console without parameters. A new page must be added here. */
final class Addresses {
  /** The addresses, by name. */
  static final Map<String, String> PAGES = pages();

  private Addresses() {}

  private static Map<String, String> pages() {
    var pages = new LinkedHashMap<String, String>();
    pages.put("home", "/");
    pages.put("keys", "/keys");
    pages.put("issue", "/issue");
    pages.put("audit", "/audit");
    pages.put("proofs", "/proofs?position=1");
    pages.put("operators", "/operators");
    pages.put("webhooks", "/webhooks");
    pages.put("workspaces", "/workspaces");
    pages.put("nodes", "/nodes");
    return pages;
  }
}
