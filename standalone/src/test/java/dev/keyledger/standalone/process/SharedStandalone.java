package dev.keyledger.standalone.process;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * One standalone Keyledger for all tests that neither end it nor move its clock: started by the
 * first that asks for it, with a parameter of type {@link KeyledgerProcess}, ended after the last.
 */
public final class SharedStandalone implements ParameterResolver {
  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == KeyledgerProcess.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(Namespace.create(SharedStandalone.class))
        .computeIfAbsent(
            KeyledgerProcess.class, _ -> KeyledgerProcess.standalone(), KeyledgerProcess.class);
  }
}
