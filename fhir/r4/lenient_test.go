package r4_test

var lenientJSON = []struct{ name, doc string }{}
