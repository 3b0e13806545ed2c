;; A program that is refused: the module offers no such function.
(module
  (import "e\22n\5cv" "\07\7f\e2\80\a8ok\c3\a9" (func)))
