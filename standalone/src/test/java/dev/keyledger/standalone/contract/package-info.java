/** The OpenAPI document, and whether code and answers keep to it. */
@NullMarked
package dev.keyledger.standalone.contract;

import org.jspecify.annotations.NullMarked;
