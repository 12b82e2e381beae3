/** Who may call what: identities, rules, tokens, certificates of devices, and the audit log. */
@NullMarked
package dev.heirloom.control.access;

import org.jspecify.annotations.NullMarked;
