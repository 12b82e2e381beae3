@NullMarked
package dev.heirloom.control.certificate;

import org.jspecify.annotations.NullMarked;
