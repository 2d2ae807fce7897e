/** What sibling packages build on. Not for users: it changes without notice. */
