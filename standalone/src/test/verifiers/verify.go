// Verifies checkpoints and proofs with golang.org/x/mod/sumdb. Argument: a directory with checkpoint, earlier, key and
// proofs.json. Prints what it has verified; panics at the first thing that does not hold.
package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type proofs struct {
	Consistency []string
	Entries     []struct {
		Position int64
		Bytes    string
		Hashes   []string
	}
}

func main() {
	verifier, err := note.NewVerifier(read("key"))
	must(err)
	size, root := head(open("checkpoint", verifier))
	earlierSize, earlierRoot := head(open("earlier", verifier))
	var all proofs
	must(json.Unmarshal([]byte(read("proofs.json")), &all))
	must(tlog.CheckTree(hashes(all.Consistency), size, root, earlierSize, earlierRoot))
	for _, entry := range all.Entries {
		leaf := tlog.RecordHash(decoded(entry.Bytes))
		must(tlog.CheckRecord(hashes(entry.Hashes), size, root, entry.Position-1, leaf))
	}
	fmt.Printf("verified %d entries\n", len(all.Entries))
}

func open(file string, verifier note.Verifier) string {
	opened, err := note.Open([]byte(read(file)), note.VerifierList(verifier))
	must(err)
	return opened.Text
}

func head(text string) (int64, tlog.Hash) {
	var size int64
	lines := strings.Split(text, "\n")
	_, err := fmt.Sscan(lines[1], &size)
	must(err)
	return size, hash(lines[2])
}

func hashes(texts []string) []tlog.Hash {
	result := make([]tlog.Hash, 0, len(texts))
	for _, text := range texts {
		result = append(result, hash(text))
	}
	return result
}

func hash(text string) tlog.Hash {
	hash, err := tlog.ParseHash(text)
	must(err)
	return hash
}

func decoded(text string) []byte {
	bytes, err := base64.StdEncoding.DecodeString(text)
	must(err)
	return bytes
}

func read(file string) string {
	bytes, err := os.ReadFile(filepath.Join(os.Args[1], file))
	must(err)
	return string(bytes)
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
