package dev.keyledger.events;

/**
 * A key went to another owner.
 *
 * @param owner whose it is from now on
 */
@WireType(name = "KeyTransferred", version = 1)
public record KeyTransferred(Owner owner) implements KeyEvent.ChangesDetails, KeyEvent.NamesOwner {}
