// Against what Jinja2 rendered of the templates of 60 models; those are not part of this repository.
#include "runtime/template/Template.h"
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iostream>

using namespace ph;
namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

TEST(Reference, RendersAsJinja2) {
  const char *folder = std::getenv("PH_SHARED");
  const fs::path path =
      (folder ? fs::path(folder) : fs::path(PH_SOURCE_DIR).parent_path() / "shared") / "reference/templates.json";
  if (!fs::exists(path))
    GTEST_SKIP() << "REFERENCE DATA MISSING: " << path << "; set PH_SHARED to the folder that has reference/";
  std::ifstream file(path, std::ios::binary);
  const Json data = Json::parse(file, nullptr, /*allow_exceptions=*/false);
  ASSERT_TRUE(data.is_object());
  size_t cases = 0, exact = 0, errors = 0, sameErrors = 0, templates = 0;
  for (const Json &entry : data["templates"]) {
    const std::string name = entry["name"];
    ++templates;
    auto parsed = Template::parse(entry["template"].get_ref<const std::string &>());
    EXPECT_TRUE(parsed) << name << ": " << parsed.error().message;
    for (const Json &one : entry["cases"]) {
      ++cases;
      if (!parsed)
        continue;
      const std::string bos = one["bos_token"], eos = one["eos_token"], conversation = one["conversation"];
      RenderOptions options;
      options.bos = bos;
      options.eos = eos;
      options.addGenerationPrompt = one["add_generation_prompt"];
      options.formatTime = [](std::string_view) { return std::string("2026-11-23"); };
      auto rendered = parsed->render(data["conversations"][conversation], options);
      if (one.contains("error")) {
        ++errors;
        const std::string expected = one["error"];
        EXPECT_FALSE(rendered) << name << ", " << conversation << ": expected the error " << expected;
        const bool same = !rendered && rendered.error().message.ends_with(expected);
        sameErrors += same;
        if (!rendered)
          EXPECT_TRUE(same) << name << ": got " << rendered.error().message << "\nexpected " << expected;
        continue;
      }
      const std::string expected = one["rendered"];
      EXPECT_TRUE(rendered) << name << ", " << conversation << ": " << rendered.error().message;
      if (rendered) {
        exact += *rendered == expected;
        EXPECT_EQ(*rendered, expected) << name << ", " << conversation;
      }
    }
  }
  std::cout << "[  EXACT   ] " << exact << " of " << cases - errors << " renderings byte for byte, " << sameErrors
            << " of " << errors << " errors, " << templates << " templates\n";
  EXPECT_EQ(exact + sameErrors, cases);
  EXPECT_GE(cases, 480u);
}
