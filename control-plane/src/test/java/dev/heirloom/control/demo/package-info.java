@NullMarked
package dev.heirloom.control.demo;

import org.jspecify.annotations.NullMarked;
