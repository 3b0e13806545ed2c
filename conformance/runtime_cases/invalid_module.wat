;; A module that is not valid: the body leaves nothing where an i32 is due.
(module
  (func (result i32)))
