/** The fleet's certificate authority, and the files that it is kept in. */
@NullMarked
package dev.heirloom.control.certificate;

import org.jspecify.annotations.NullMarked;
