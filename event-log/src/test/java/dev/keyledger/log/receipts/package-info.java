@NullMarked
package dev.keyledger.log.receipts;

import org.jspecify.annotations.NullMarked;
