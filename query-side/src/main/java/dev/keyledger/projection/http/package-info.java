/** What the faces of all lists share: their parameters, their cursors, their answers. */
@NullMarked
package dev.keyledger.projection.http;

import org.jspecify.annotations.NullMarked;
