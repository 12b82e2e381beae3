@NullMarked
package dev.heirloom.control.access;

import org.jspecify.annotations.NullMarked;
