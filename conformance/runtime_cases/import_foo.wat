;; Imports env foo.
(module
  (import "env" "foo" (func)))
