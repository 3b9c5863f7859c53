#!/usr/bin/env bash
# Fetches what the build tag "ocr" embeds: tesseract as WebAssembly and its fast English model,
# both Apache-2.0, of pinned versions and with known checksums. They are kept gzipped, which
# makes the binary 3 MB larger instead of 7 and a start some 50 ms slower.
set -euo pipefail
cd "$(dirname "$0")/../extract/ocr"

package=tesseract.js-core@7.0.0 # of npm
module=tesseract-core-simd-lstm.wasm
module_sum=34e8d50cac216427d86bf397d610fdd9f49492539bbcdfbfccc4eda20c810bea
model=tesseract-ocr-eng # of Debian: tessdata_fast 4.1.0, which is on npm in its large editions only
model_sum=7d4322bd2a7749724879683fc3912cb542f19906c83bcc1a52132556427170b2

# fits FILE SUM: whether FILE is there, and unpacked has the checksum.
fits() { [ -f "$1" ] && gzip -dc "$1" | sha256sum | grep -q "^$2 "; }

# store FILE SUM TO: checks FILE and packs it.
store() {
	echo "$2  $1" | sha256sum --check --quiet || { echo "$1 is not the file that was expected" >&2; exit 1; }
	gzip -9 --no-name --stdout "$1" >"$3"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work" # apt gives its rights up to download
mkdir -p assets
if ! fits assets/tesseract.wasm.gz "$module_sum"; then
	../../test/tools.sh npm npm
	(cd "$work" && npm pack --silent "$package" >/dev/null && tar -xzf ./*.tgz)
	store "$work/package/$module" "$module_sum" assets/tesseract.wasm.gz
fi
if ! fits assets/eng.traineddata.gz "$model_sum"; then
	command -v apt-get >/dev/null || {
		echo "the model comes from Debian's package $model: put its eng.traineddata, gzipped, into $PWD/assets/eng.traineddata.gz" >&2
		exit 1
	}
	(cd "$work" && { apt-get download -q -o APT::Sandbox::User=root "$model" || { apt-get update -q && apt-get download -q -o APT::Sandbox::User=root "$model"; }; } && dpkg-deb -x ./*.deb .)
	store "$(find "$work" -name eng.traineddata)" "$model_sum" assets/eng.traineddata.gz
fi
