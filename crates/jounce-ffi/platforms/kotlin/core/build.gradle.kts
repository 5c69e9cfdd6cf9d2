// What needs no phone: the generated bindings, packing, clocks, the kept state. Plain Kotlin for the JVM.
plugins {
    kotlin("jvm")
}

kotlin {
    jvmToolchain(17)
    // Made by build-aar.sh, from the very library that is shipped.
    sourceSets["main"].kotlin.srcDir(rootDir.resolve("../../../../target/bindings/kotlin"))
}

dependencies {
    compileOnly("net.java.dev.jna:jna:5.17.0")
}
