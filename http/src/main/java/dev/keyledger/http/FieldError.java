package dev.keyledger.http;

/**
 * What is wrong with one field.
 *
 * @param field its path, as in {@code owner.type}, or the name of a header or parameter
 * @param message what it must be
 */
public record FieldError(String field, String message) {}
