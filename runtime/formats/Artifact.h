// Artifacts (.phx): ELF shared object | GGUF metadata with the manifest | packed weights | trailer of 64 bytes.
// The three parts begin on pages of 4096 bytes. Kernels and metadata have checksums, since damaged ones could crash;
// the weights have none: reading gigabytes for it would delay every start, and damage there changes only numbers. See
// ARCHITECTURE.md.
#pragma once
#include "runtime/base/AtomicFile.h"
#include "runtime/base/Error.h"
#include "runtime/base/MappedFile.h"
#include "runtime/formats/Gguf.h"
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace ph {

/// The last bytes of an artifact.
struct ArtifactTrailer {
  char magic[8];        ///< "PHXART01"
  uint32_t version;     ///< 2
  uint32_t metadataCrc; ///< crc32 of the metadata part
  uint64_t elfBytes, metadataOffset, metadataBytes, weightsOffset, weightsBytes;
  uint64_t elfCrc; ///< crc32 of the elfBytes of the ELF part
};
static_assert(sizeof(ArtifactTrailer) == 64);

/// The metadata key that holds the manifest, a JSON text.
inline constexpr std::string_view manifestKey = "powerhouse.manifest";

/// An artifact, mapped and checked. Views live as long as it.
class Artifact {
public:
  /// Whether the file at `path` ends with an artifact's magic: what tells an artifact from a model. False if
  /// unreadable.
  static bool isArtifact(const std::string &path);
  /// Errors: Failed if it can't be opened, BadModel if it is no artifact, of another version, damaged or truncated.
  static Expected<std::shared_ptr<Artifact>> open(const std::string &path);
  /// Parses bytes in memory, which must outlive the result.
  static Expected<std::shared_ptr<Artifact>> parse(std::span<const uint8_t> bytes, const std::string &name);

  const std::string &path() const { return name; }
  std::span<const uint8_t> elf() const { return elfPart; }
  /// The source model's metadata and the manifest: keys only, no tensors.
  const GgufFile &metadata() const { return *keys; }
  /// JSON text.
  std::string_view manifest() const { return manifestText; }
  std::span<const uint8_t> weights() const { return weightsPart; }
  /// Of the weights, from the beginning of the file; a multiple of 4096.
  uint64_t weightsOffset() const { return trailer.weightsOffset; }

private:
  std::string name;
  MappedFile file;
  ArtifactTrailer trailer = {};
  std::span<const uint8_t> elfPart, weightsPart;
  std::shared_ptr<GgufFile> keys;
  std::string_view manifestText;
};

/// Writes an artifact front to back: create, writeMetadata, any number of write (weights), finish. If it is dropped
/// before finish, no file appears. Errors as AtomicFile's.
class ArtifactWriter {
public:
  /// Writes `elf`. `mode` as in open(2). `program`, if any, comes first and is padded to a page: an executable with the
  /// artifact at its end, whose offsets count from the artifact's beginning.
  static Expected<ArtifactWriter> create(const std::string &path, std::span<const uint8_t> elf, unsigned mode = 0666,
                                         std::span<const uint8_t> program = {});
  /// `records` are `count` metadata records verbatim (GgufFile::metadataBytes, entries().size()).
  Status writeMetadata(std::span<const uint8_t> records, uint64_t count, std::string_view manifest);
  /// Appends weights.
  Status write(std::span<const uint8_t> bytes) { return file.write(bytes); }
  /// Zeros up to the next multiple of `alignment` (a power of two of at most 4096) of the weights part.
  Status pad(uint64_t alignment) { return file.pad(alignment); }
  /// Bytes of weights so far: the offset of the next one in the weights part.
  uint64_t weightsBytes() const { return file.size() - begin - trailer.weightsOffset; }
  Status finish();

private:
  explicit ArtifactWriter(AtomicFile file) : file(std::move(file)) {}
  AtomicFile file;
  uint64_t begin = 0; ///< of the artifact in the file
  ArtifactTrailer trailer = {};
};

} // namespace ph
