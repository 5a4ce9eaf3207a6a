#include "runtime/base/Crc32.h"
#include "runtime/base/Sha256.h"
#include <gtest/gtest.h>
#include <string>

using namespace ph;

static std::span<const uint8_t> bytesOf(const std::string &text) {
  return {reinterpret_cast<const uint8_t *>(text.data()), text.size()};
}

static std::string sha(const std::string &text) { return Sha256::toHex(Sha256::of(bytesOf(text))); }

// The examples of FIPS 180-4 and of NIST's test vectors for it.
TEST(Sha256, PublishedVectors) {
  EXPECT_EQ(sha(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqr"
                "stnopqrstu"),
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
  EXPECT_EQ(sha(std::string(1'000'000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, PiecesGiveTheSameDigest) {
  std::string text;
  for (int i = 0; i < 300; ++i)
    text += char(i * 7);
  // Every length around the block's edges, cut in two at every place.
  for (size_t length = 0; length <= 200; ++length) {
    std::string whole = sha(text.substr(0, length));
    for (size_t cut = 0; cut <= length; cut += 13) {
      Sha256 hash;
      hash.update(bytesOf(text).subspan(0, cut));
      hash.update(bytesOf(text).subspan(cut, length - cut));
      ASSERT_EQ(Sha256::toHex(hash.finish()), whole) << length << " cut at " << cut;
    }
  }
}

TEST(Crc32, CheckValue) {
  EXPECT_EQ(crc32(bytesOf("123456789")), 0xcbf43926u); // the check value of the catalogue of CRC algorithms
  EXPECT_EQ(crc32({}), 0u);
  EXPECT_EQ(crc32(bytesOf("6789"), crc32(bytesOf("12345"))), 0xcbf43926u);
}
