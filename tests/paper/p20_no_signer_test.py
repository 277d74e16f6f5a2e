"""P20: paper mode places no real orders, because the paper build holds nothing that could sign one. And the check that says so can fail: signers are planted
into copies of what was built, and it must report each.

Environment: PROMTRADE (the executable), PAPER_LIBRARIES (archives of the paper path, separated by colons), CXX (the compiler).
"""
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import signer_check

PRODUCT = os.environ["PROMTRADE"]
LIBRARIES = [path for path in os.environ["PAPER_LIBRARIES"].split(":") if path]
CXX = os.environ.get("CXX", "clang++-19")

PLANTS = {
    "HMAC of OpenSSL": ("HMAC signs", '#include <openssl/hmac.h>\nunsigned char* planted(const char* k, const unsigned char* d, unsigned long n, unsigned char* o, unsigned* l) {\n'
                        "  return HMAC(EVP_sha256(), k, 3, d, n, o, l);\n}\n"),
    "EVP_MAC of OpenSSL 3": ("EVP_MAC_init", "#include <openssl/evp.h>\nint planted(EVP_MAC_CTX* c, const unsigned char* k) { return EVP_MAC_init(c, k, 3, nullptr); }\n"),
    "a signature by private key": ("EVP_DigestSign", "#include <openssl/evp.h>\nint planted(EVP_MD_CTX* c, unsigned char* s, unsigned long* n) { return EVP_DigestSign(c, s, n, s, 1); }\n"),
    "a home-made signer": ("RequestSigner", "namespace prom { struct RequestSigner { int sign(const char*); }; int RequestSigner::sign(const char* t) { return *t; } }\n"),
    "a home-made hmac": ("hmac_sha256", "namespace prom { void hmac_sha256(const char*, char*) {} }\n"),
    "header names of a signed request": ("OK-ACCESS-SIGN", 'const char* planted() { return "OK-ACCESS-SIGN"; }\n'),
    "a function fetched by name": ("dlsym", '#include <dlfcn.h>\nvoid* planted() { return dlsym(RTLD_DEFAULT, "f"); }\n'),
}
ALLOWED = """#include <openssl/evp.h>
int sealed(EVP_CIPHER_CTX* c, const unsigned char* k, EVP_MD_CTX* m) {
  return EVP_EncryptInit_ex(c, EVP_aes_256_gcm(), nullptr, k, nullptr) + EVP_DigestInit_ex(m, EVP_sha256(), nullptr);
}
"""


class NoSigner(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def compile(self, text, name="planted"):
        source = self.folder / f"{name}.cpp"
        source.write_text(text)
        built = self.folder / f"{name}.o"
        subprocess.run([CXX, "-std=c++20", "-O2", "-c", source, "-o", built], check=True, capture_output=True)
        return built

    def test_the_paper_build_holds_no_signer(self):
        self.assertGreaterEqual(len(LIBRARIES), 4)
        for path in [PRODUCT, *LIBRARIES]:
            with self.subTest(path):
                self.assertEqual(signer_check.check(path), [])

    def test_the_check_sees_what_is_there(self):
        names = signer_check.symbols(PRODUCT)
        self.assertTrue({"EVP_aes_256_gcm", "EVP_EncryptInit_ex"} & names, "the sealing of keys is visible")
        plain = "\n".join(signer_check.demangled(sorted(names)).values())
        for known in ("prom::SimVenue::place", "prom::Simulation::run"):
            self.assertTrue(known in plain, known)
        self.assertGreater(len(re.findall(r"^prom::", plain, re.M)), 500)

    def test_a_signer_in_a_library_is_reported(self):
        for what, (expected, text) in PLANTS.items():
            with self.subTest(what):
                copy = self.folder / "libprom_copy.a"
                shutil.copyfile(LIBRARIES[0], copy)
                self.assertEqual(signer_check.check(copy), [])
                subprocess.run(["ar", "r", copy, self.compile(text)], check=True, capture_output=True)
                found = "\n".join(signer_check.check(copy))
                self.assertIn(expected, found)
                copy.unlink()

    def test_a_signer_linked_into_an_executable_is_reported(self):
        for what in ("HMAC of OpenSSL", "EVP_MAC of OpenSSL 3", "a home-made signer"):
            with self.subTest(what):
                expected, text = PLANTS[what]
                planted = self.compile(text)
                main = self.compile("int main() { return 0; }\n", "main")
                program = self.folder / "program"
                subprocess.run([CXX, "-fuse-ld=lld-19", main, planted, *LIBRARIES[:1], "-lcrypto", "-o", program], check=True, capture_output=True)
                self.assertIn(expected, "\n".join(signer_check.check(program)))

    def test_sealing_and_hashing_are_allowed(self):
        self.assertEqual(signer_check.check(self.compile(ALLOWED)), [])

    def test_a_stripped_binary_is_not_called_clean(self):
        program = self.folder / "program"
        subprocess.run([CXX, "-s", self.compile("int main() { return 0; }\n", "main"), "-o", program], check=True, capture_output=True)
        with self.assertRaises(signer_check.Blind):
            signer_check.check(program)


if __name__ == "__main__":
    unittest.main()
