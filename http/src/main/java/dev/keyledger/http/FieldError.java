package dev.keyledger.http;

/**
 * An error in one field.
 *
 * @param field the path of the field, such as {@code owner.type}, or the name of a header or
 *     parameter
 * @param message the requirement on the field
 */
public record FieldError(String field, String message) {}
