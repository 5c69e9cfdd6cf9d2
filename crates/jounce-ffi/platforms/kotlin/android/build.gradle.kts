// The phone's sensors, and the service that outlives the screen.
plugins {
    id("com.android.library")
    kotlin("android")
}

android {
    namespace = "dev.jounce.android"
    compileSdk = 36
    defaultConfig {
        // 26: services in the foreground, and batched sensors on most devices.
        minSdk = 26
        consumerProguardFiles("consumer-rules.pro")
    }
    // jniLibs are made by build-aar.sh.
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
}

kotlin { jvmToolchain(17) }

dependencies {
    api(project(":core"))
    // From 5.17 on its libraries load where pages have 16 KiB.
    implementation("net.java.dev.jna:jna:5.17.0@aar")
    implementation("androidx.core:core-ktx:1.16.0")
    implementation("com.google.android.gms:play-services-location:21.3.0")
}
