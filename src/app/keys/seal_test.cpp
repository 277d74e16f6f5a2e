// Sealing checked against a text that two other implementations sealed, and every kind of tampering refused.
#include "app/keys/seal.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "app/keys/base64.h"
#include "app/keys/credential_file.h"

namespace prom {
namespace {

SecretString secret(std::string text) { return SecretString(std::move(text)); }
SealKey zero_key() { return *SealKey::from_base64(base64_encode(std::string(32, '\0'))); }

TEST(Seal, OpensWhatItSealed) {
  const auto key = SealKey::generate();
  ASSERT_TRUE(key.has_value());
  for (const std::string& text : {std::string(), std::string("x"), std::string("api-secret"), std::string(kMaxSealed, 'z')}) {
    const auto sealed = key->seal({"1", "binance main"}, secret(text));
    ASSERT_TRUE(sealed.has_value());
    const auto opened = key->open({"1", "binance main"}, *sealed);
    ASSERT_TRUE(opened.has_value());
    EXPECT_EQ(opened->expose(), text);
  }
  EXPECT_EQ(key->seal({"1", "a"}, secret(std::string(kMaxSealed + 1, 'z'))).error(), SealFault::too_long);
}

// Sealed by Python's cryptography 48 (AESGCM) and, to the same bytes, by Node 20 (aes-256-gcm), key of 32 zero bytes, nonce 000102030405060708090a0b, owner ("1","main"), plaintext "api-secret".
TEST(Seal, OpensWhatAnotherImplementationSealed) {
  const auto opened = zero_key().open({"1", "main"}, "v1:AAECAwQFBgcICQoL6btaf3OY7IunDH8hDzc3m6X2/0ZvwAUdbtY=");
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(opened->expose(), "api-secret");
}

TEST(Seal, TheSamePlaintextNeverSealsTheSameWay) {
  const SealKey key = zero_key();
  EXPECT_NE(*key.seal({"1", "a"}, secret("x")), *key.seal({"1", "a"}, secret("x")));
}

TEST(Seal, EveryAlteredByteAndOwnerIsRefused) {
  const SealKey key = zero_key();
  const std::string sealed = *key.seal({"12", "3"}, secret("api-secret"));
  EXPECT_EQ(key.open({"1", "23"}, sealed).error(), SealFault::not_authentic);  // the same characters, cut elsewhere
  EXPECT_EQ(key.open({"12", "4"}, sealed).error(), SealFault::not_authentic);
  EXPECT_EQ(SealKey::generate()->open({"12", "3"}, sealed).error(), SealFault::not_authentic);
  const std::string raw = *base64_decode(sealed.substr(3));
  for (std::size_t i = 0; i < raw.size(); ++i) {
    std::string altered = raw;
    altered[i] = static_cast<char>(altered[i] ^ 1);
    EXPECT_EQ(key.open({"12", "3"}, "v1:" + base64_encode(altered)).error(), SealFault::not_authentic) << i;
  }
  for (std::size_t length = 0; length < raw.size(); ++length) EXPECT_FALSE(key.open({"12", "3"}, "v1:" + base64_encode(raw.substr(0, length))));
  EXPECT_EQ(key.open({"12", "3"}, sealed.substr(3)).error(), SealFault::malformed);
}

TEST(Seal, KeysAreExactly32Bytes) {
  EXPECT_EQ(SealKey::from_base64(base64_encode(std::string(31, 'k'))).error(), SealFault::bad_key);
  EXPECT_EQ(SealKey::from_base64(base64_encode(std::string(33, 'k'))).error(), SealFault::bad_key);
  EXPECT_EQ(SealKey::from_base64("").error(), SealFault::bad_key);
  const auto key = SealKey::generate();
  EXPECT_EQ(key->to_base64().expose().size(), 44U);
  EXPECT_FALSE(key->to_base64() == SealKey::generate()->to_base64());
}

class CredentialFile : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::remove_all(folder_), std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string folder_ = testing::TempDir() + "prom_credentials_test";
  std::string path_ = folder_ + "/credentials.json";
};

TEST_F(CredentialFile, RotationKeepsEverySecretAndTheFileBefore) {
  const SealKey before = zero_key(), after = *SealKey::generate();
  std::vector<SealedCredential> entries;
  for (const char* user : {"1", "2"}) entries.push_back({{user, "main"}, *before.seal({user, "main"}, secret(std::string("secret of ") + user))});
  ASSERT_TRUE(write_credentials(path_, entries).has_value());
  const auto count = reseal_credentials(path_, before, after);
  ASSERT_TRUE(count.has_value()) << count.error().message;
  EXPECT_EQ(*count, 2U);
  const auto now = read_credentials(path_);
  const auto previous = read_credentials(path_ + ".previous");
  ASSERT_TRUE(now && previous);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(after.open((*now)[i].owner, (*now)[i].sealed)->expose(), "secret of " + (*now)[i].owner.user);
    EXPECT_EQ(before.open((*previous)[i].owner, (*previous)[i].sealed)->expose(), "secret of " + (*now)[i].owner.user);
  }
  EXPECT_EQ(std::filesystem::status(path_).permissions(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(CredentialFile, AWrongKeyChangesNothing) {
  const SealKey before = zero_key();
  ASSERT_TRUE(write_credentials(path_, {{{"1", "main"}, *before.seal({"1", "main"}, secret("x"))}}).has_value());
  const auto result = reseal_credentials(path_, *SealKey::generate(), *SealKey::generate());
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, "credentials_not_opened");
  EXPECT_EQ(before.open({"1", "main"}, read_credentials(path_)->front().sealed)->expose(), "x");
  EXPECT_FALSE(std::filesystem::exists(path_ + ".previous"));
}

TEST_F(CredentialFile, MalformedFilesAreOneSentence) {
  EXPECT_TRUE(read_credentials(path_)->empty());  // missing: nothing is sealed yet
  for (const char* text : {"", "[]", "{\"version\":2}", "{\"version\":1}", "{\"version\":1,\"credentials\":[{\"user\":1}]}"}) {
    std::ofstream(path_) << text;
    const auto read = read_credentials(path_);
    ASSERT_FALSE(read.has_value()) << text;
    EXPECT_EQ(read.error().code, "credentials_malformed");
  }
}

}  // namespace
}  // namespace prom
