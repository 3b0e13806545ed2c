;; Imports gate fd.
(module
  (import "gate" "fd" (func (result i32))))
