;; Imports env some_global.
(module
  (import "env" "some_global" (global i32)))
