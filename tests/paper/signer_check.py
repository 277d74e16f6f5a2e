#!/usr/bin/env python3
"""Whether a binary of the paper path could sign a request to a venue (pain P20): looks at the symbols that its objects define and refer to, and at its bytes.

    signer_check.py FILE...      archives, objects or executables; exit code 0 clean, 1 found something, 3 the check would be blind

Encrypting stored keys (AES-GCM) and hashing (SHA-256 of data sets and fills) are allowed; a message authentication code or a signature is not, whether from
OpenSSL, libsodium or home-made, nor the header names of signed requests, nor a way to fetch such a function by name.
"""
import re
import subprocess
import sys
from pathlib import Path

# Functions of libraries that authenticate or sign. C names, as nm prints them.
LIBRARY = re.compile(r"^(HMAC|HMAC_\w+|CMAC_\w+|EVP_MAC_\w+|EVP_Q_mac|EVP_DigestSign\w*|EVP_Sign\w+|EVP_PKEY_sign\w*|EVP_PKEY_new_\w*(mac|raw)\w*|ECDSA_\w*sign\w*|ECDSA_do_\w+|RSA_sign\w*"
                     r"|RSA_private_\w+|DSA_\w*sign\w*|ED25519_\w+|ed25519_\w+|crypto_sign\w*|crypto_auth\w*|gcry_mac_\w+|gnutls_hmac\w*|mbedtls_md_hmac\w*|secp256k1_\w*sign\w*)$")
# Names of code that does the same by itself, in the demangled name of any function or type.
HOME_MADE = re.compile(r"hmac|request_?signer|sign_?request|signed_?request|ed25519|ecdsa|secp256k1", re.IGNORECASE)
LOADER = re.compile(r"^(dlopen|dlsym|dlvsym|dlmopen)$")
# What a signed request of Binance, Bybit or OKX carries.
WORDS = (b"X-MBX-APIKEY", b"X-BAPI-SIGN", b"X-BAPI-API-KEY", b"OK-ACCESS-SIGN", b"OK-ACCESS-PASSPHRASE", b"&signature=")


class Blind(Exception):
    """There is nothing to see, so that nothing found means nothing."""


def symbols(path):
    done = subprocess.run(["nm", "-A", str(path)], capture_output=True, text=True, check=False)
    found = set()
    for line in done.stdout.splitlines():
        parts = line.split()
        if parts:
            found.add(parts[-1].split("@")[0])
    if not found:
        raise Blind(f"{path} shows no symbols ({done.stderr.strip()[:200] or 'is it stripped?'})")
    return found


def demangled(names):
    done = subprocess.run(["c++filt"], input="\n".join(names), capture_output=True, text=True, check=True)
    return dict(zip(names, done.stdout.split("\n")))


def check(path):
    """Sentences, one for each thing found."""
    found = []
    names = sorted(symbols(path))
    for name, plain in demangled(names).items():
        if LIBRARY.match(name):
            found.append(f"{path}: {name} signs or authenticates")
        elif LOADER.match(name):
            found.append(f"{path}: {name} can fetch any function by its name")
        elif HOME_MADE.search(plain):
            found.append(f"{path}: {plain} looks like a signer")
    data = Path(path).read_bytes()
    found += [f"{path}: it contains {word.decode()}, part of a signed request" for word in WORDS if word in data]
    return found


def main():
    found = []
    try:
        for path in sys.argv[1:]:
            found += check(path)
    except Blind as error:
        print(error, file=sys.stderr)
        return 3
    print("\n".join(found) if found else f"{len(sys.argv) - 1} files, no signer")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
