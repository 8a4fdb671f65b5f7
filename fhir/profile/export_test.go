package profile

import "sync"

// Forget makes the base definitions as they are before their first use.
func Forget() {
	dictionaries = sync.Map{}
	official = sync.OnceValue(readBase)
}
