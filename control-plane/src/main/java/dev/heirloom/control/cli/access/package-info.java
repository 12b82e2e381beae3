/** Commands of administrators: tokens, certificates, and the audit log. */
@NullMarked
package dev.heirloom.control.cli.access;

import org.jspecify.annotations.NullMarked;
