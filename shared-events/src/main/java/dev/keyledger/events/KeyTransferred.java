package dev.keyledger.events;

/**
 * A key was transferred to another owner.
 *
 * @param owner the new owner
 */
@WireType(name = "KeyTransferred", version = 1)
public record KeyTransferred(Owner owner) implements KeyEvent.ChangesDetails, KeyEvent.NamesOwner {}
