module github.com/ponshealth/pons

go 1.26
