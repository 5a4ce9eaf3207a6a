#include "runtime/base/ByteCount.h"
#include <gtest/gtest.h>

using namespace ph;

TEST(ByteCount, ReadsUnits) {
  EXPECT_EQ(parseByteCount("0"), 0);
  EXPECT_EQ(parseByteCount("4096"), 4096);
  EXPECT_EQ(parseByteCount("300MiB"), 314572800);
  EXPECT_EQ(parseByteCount("1.5 GB"), 1500000000);
  EXPECT_EQ(parseByteCount("2KiB"), 2048);
  EXPECT_EQ(parseByteCount("7B"), 7);
}

TEST(ByteCount, RefusesWhatIsNone) {
  for (const char *text :
       {"", "all", "MiB", "-1", "-0", "1.5", "1 mib", "1 GiBs", "1e3", "nan", "inf", "0x10", "99999999 TiB", "1GiB "})
    EXPECT_FALSE(parseByteCount(text)) << text;
}
