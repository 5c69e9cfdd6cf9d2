// swift-tools-version: 5.9
import PackageDescription

let package = Package(
    name: "Jounce",
    platforms: [.iOS(.v15)],
    products: [
        .library(name: "Jounce", targets: ["Jounce"]),
        .library(name: "JouncePhone", targets: ["JouncePhone"]),
    ],
    targets: [
        // Made by build-xcframework.sh.
        .binaryTarget(name: "jounceFFI", path: "jounceFFI.xcframework"),
        // The generated bindings, and what needs no phone: packing, clocks, the kept state.
        .target(name: "Jounce", dependencies: ["jounceFFI"]),
        // Core Motion, Core Location, the car's audio.
        .target(name: "JouncePhone", dependencies: ["Jounce"], resources: [.copy("PrivacyInfo.xcprivacy")]),
        .testTarget(name: "JounceTests", dependencies: ["Jounce"]),
    ]
)
